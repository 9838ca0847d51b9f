import { describe, expect, it } from "vitest"
import { withoutInvisible } from "../server/files/invisible.ts"
import { readFile } from "../server/files/read-file.ts"
import { holdsRefused, isSurelyStrange, strangePlaces, withoutStrange } from "../shared/schema/characters.ts"

describe("signs that a text takes", () => {
  it.each([
    ["quotes, dashes and spaces of all kinds", "«the\u00a0Union» – “shall”\u2009…"],
    ["a joiner between letters of Persian", "می\u200cخواهم"],
    ["one behind a virama", "क्\u200dष"],
    ["families of emoji", "👩\u200d👩\u200d👧, 👍🏽, ❤\ufe0f, 1\ufe0f\u20e3, 🏴\u{e0067}\u{e0062}\u{e007f}"],
    ["a variant of a Han sign", "葛\u{e0100}城"],
    ["a mark of the direction beside Hebrew", "(\u200fשלום)"],
    ["a break between words of Thai", "ประเทศ\u200bไทย"],
    ["signs of Mongolian", "ᠭ\u180bᠠ"],
  ])("[GATE1] %s", (_, text) => expect(withoutStrange(text)).toBe(text))

  it.each([
    ["a joiner in an English word", "pay\u200cment", "payment"],
    ["a break in one", "pay\u200bment", "payment"],
    ["a variant of a Latin letter", "a\ufe0fb", "ab"],
    ["a variant of a digit that is no key", "1\ufe0f st", "1 st"],
    ["marks of the direction where nothing is written from the right", "\u200eshall\u200f", "shall"],
    ["two joiners, of which the first is needed", "م\u200c\u200cخ", "م\u200cخ"],
    ["tags behind a letter", "a\u{e0041}b", "ab"],
    ["a soft hyphen", "reso\u00adlution", "resolution"],
    ["a word joiner and a byte order mark", "a\u2060b\ufeffc", "abc"],
    ["a Hangul filler", "a\u3164b", "ab"],
  ])("[GATE1] not %s", (_, text, rest) => expect(withoutStrange(text)).toBe(rest))

  it.each([
    ["control signs", "\u0000\u0007\u001f\u007f"],
    ["C1", "\u0085\u0080\u009f"],
    ["noncharacters", "\ufdd0\ufffe\uffff\u{1fffe}\u{10ffff}"],
    ["overrides and isolates", "\u202a\u202e\u2066\u2069"],
    ["halves of a letter", "\ud83d\udc00".split("").reverse().join("")],
  ])("[GATE1] %s nowhere", (_, signs) => {
    for (let i = 0; i < signs.length; ) {
      const sign = /[\ud800-\udbff][\udc00-\udfff]/.test(signs.slice(i, i + 2)) ? signs.slice(i, i + 2) : signs[i]!
      expect(holdsRefused(`a${sign}b`), sign.codePointAt(0)!.toString(16)).toBe(true)
      i += sign.length
    }
  })

  it("[GATE1] of a piece of a text only what stands behind a letter of it is surely not needed", () => {
    expect(isSurelyStrange("a\u200cb")).toBe(true)
    expect(isSurelyStrange("\u200cb")).toBe(false)
    expect(isSurelyStrange("a\u200e")).toBe(false)
  })
})

describe("invisible signs of files", () => {
  const read = (text: string, from: number, words: string): ReturnType<typeof readFile> => {
    const segments = [{ block: "b1", kind: "insertion", from, to: from + words.length }]
    const file = {
      blocks: [{ id: "b1", type: "clause", level: 1, text }],
      changes: [{ id: "c1", kind: "insertion", source: "S", block: "b1", text: words, segments }],
      comments: [{ id: "m1", block: "b1", quote: text.slice(3, 7), text: "why?", at: { from: 3, to: 7 } }],
    }
    return readFile(new TextEncoder().encode(JSON.stringify(file)))
  }

  it("[GATE1] they go, and what stands behind them keeps its words", () => {
    const draft = read("to p\u200bay the Uni\u200bon", 8, "the Uni\u200bon")
    const { text } = draft.blocks[0]!
    expect(text).toBe("to pay the Union")
    const [segment] = draft.changes[0]!.segments!
    expect([text.slice(segment!.from, segment!.to), draft.changes[0]!.text]).toEqual(["the Union", "the Union"])
    const { at, quote } = draft.comments[0]!
    expect([text.slice(at!.from, at!.to), quote]).toEqual(["pay", "pay"])
  })
  it("[GATE1] a change of nothing else goes with them", () => expect(read("to p\u200bay", 4, "\u200b").changes).toEqual([]))
  it("[GATE1] what no text takes refuses a file of our own", () => expect(() => read("to p\u0085ay", 5, "ay")).toThrow(/U\+0085/))
  it("[GATE1] a file without any is the same object", () => {
    const draft = read("to pay for the Union", 11, "the Union")
    expect(withoutInvisible(draft)).toBe(draft)
    expect(strangePlaces(draft.blocks[0]!.text)).toEqual([])
  })
})
