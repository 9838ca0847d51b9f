import { describe, expect, it } from "vitest"
import { labelsTold, withoutTypedLabels } from "../client/editor/typed-labels.ts"

const left = (...lines: string[]): readonly string[] => withoutTypedLabels(lines, true).lines

describe("labels that were typed before pasted paragraphs", () => {
  it("[UI47] of a list stay behind, whatever sets them off", () => {
    expect(left("a) alpha", "b) beta")).toEqual(["alpha", "beta"])
    expect(left("1. one", "1.1 one one", "2. two")).toEqual(["one", "one one", "two"])
    expect(left("(i) roman", "(ii) more")).toEqual(["roman", "more"])
    expect(left("– first", "– second", "words between")).toEqual(["first", "second", "words between"])
    expect(left("3.\tthree")).toEqual(["three"])
  })

  it("[UI47] words that only look like one stay: a number without a sign, a year, what stands in one paragraph alone", () => {
    for (const lines of [
      ["3 ships are lost", "4 ships are safe"],
      ["2018 was dry", "2019 was wet"],
      ["a) alpha"],
      ["a) alpha", "words"],
      ["I saw", "A man"],
    ])
      expect(left(...lines)).toEqual(lines)
  })

  it("[UI47] a paragraph that goes on with a clause keeps what it begins with; what is taken off is named", () => {
    const { lines, labels } = withoutTypedLabels(["a) alpha", "b) beta", "c) gamma"], false)
    expect(lines).toEqual(["a) alpha", "beta", "gamma"])
    expect([labelsTold(labels), labelsTold(["1."]), labelsTold([]), labelsTold(["a)", "b)", "c)", "d)", "e)"])]).toEqual([
      "the labels “b)”, “c)”",
      "the label “1.”",
      "",
      "the labels “a)” … “e)”",
    ])
  })
})
