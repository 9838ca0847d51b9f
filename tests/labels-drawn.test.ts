import { EditorState } from "prosemirror-state"
import { expect, it } from "vitest"
import { labelsKey, labelsPlugin } from "../client/editor/labels.ts"
import { labelsOf } from "../shared/clauses/labels.ts"
import { attrsOfType, commonAttrs } from "../shared/schema/block.ts"
import { blocksOfDoc } from "../shared/schema/schema.ts"
import type { DraftMeta } from "../shared/sync/roots.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort } from "./cohort.ts"

const meta = { profile: "un", labels: { a: "1.", b: "2.", b1: "(a)", b2: "(b)", c: "3." }, renumbered: {} } as unknown as DraftMeta

/** What the sheet has before each block. */
const drawn = (state: EditorState): [string, string][] => {
  const blocks = blocksOfDoc(state.doc)
  let pos = 0
  return blocks.map((block, i) => {
    const node = state.doc.child(i)
    const found = labelsKey
      .getState(state)!
      .set.find(pos, pos + node.nodeSize)
      .filter(({ from }) => from === pos)
    const attrs = found.map((decoration) => (decoration as unknown as { type: { attrs: Record<string, string> } }).type.attrs)
    pos += node.nodeSize
    return [block.id, attrs.map((each) => each["data-label"]).find((label) => label !== undefined) ?? ""]
  })
}

/** What the outline, the cards and the files have. */
const counted = (state: EditorState): [string, string][] => {
  const blocks = blocksOfDoc(state.doc)
  const labels = labelsOf(blocks, meta.profile, meta.labels)
  return blocks.map(({ id }) => [id, labels.get(id) ?? ""])
}

/** Another value for each attribute of a block. */
const others: Readonly<Record<string, unknown>> = {
  id: "another",
  origin: "a",
  insertedBy: "S",
  insertedId: "S.1.1",
  dir: "rtl",
  joined: "a",
  level: 1,
  importedLabel: "9",
}

for (const name of [...commonAttrs, ...attrsOfType.clause])
  it(`[NUM11] the sheet has the labels of the outline, whatever happens to a clause: ${name}`, async () => {
    const cohort = new Cohort(
      draftState([
        head("decides"),
        clause("to light;", "a"),
        clause("to keep:", "b"),
        clause("lamps;", "b1", 2),
        clause("oil;", "b2", 2),
        clause("wicks;", "n", 2),
        clause("to report.", "c"),
      ]),
    )
    const member = cohort.member("S")
    await cohort.settle()
    let state = EditorState.create({ doc: member.state.doc, plugins: [labelsPlugin(meta)] })
    expect(drawn(state)).toEqual(counted(state))
    expect(others, "a value for each attribute").toHaveProperty(name)
    const pos = state.doc.children.slice(0, 5).reduce((sum, node) => sum + node.nodeSize, 0)
    expect(state.doc.nodeAt(pos)!.textContent).toBe("wicks;")
    state = state.apply(state.tr.setNodeAttribute(pos, name, others[name]))
    expect(drawn(state)).toEqual(counted(state))
  })
