import { readFileSync, writeFileSync } from "node:fs"
import { expect, it } from "vitest"
import * as Y from "yjs"
import { openingStateOf } from "../server/files/opening-state.ts"
import { changesIn } from "../shared/changes/changes.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { newDraftDoc } from "../shared/sync/write.ts"
import { makeSeed, seedNames } from "./seeds.ts"

for (const name of seedNames)
  it(`[SEED1] seeds/${name}.json is what its text and its script give, through the editor and the gate`, async () => {
    const file = new URL(`../seeds/${name}.json`, import.meta.url)
    const made = `${JSON.stringify(await makeSeed(name), null, 1)}\n`
    if (process.env.UPDATE_SEEDS) writeFileSync(file, made)
    expect(readFileSync(file, "utf8")).toBe(made)
    const draft = JSON.parse(made) as Awaited<ReturnType<typeof makeSeed>>
    const doc = newDraftDoc()
    Y.applyUpdate(doc, openingStateOf(draft).update)
    const opened = changesIn(blocksOf(doc)).map(({ source, inserted, deleted }) => [source, inserted, deleted])
    expect(opened).toEqual(
      draft.changes.map((change) =>
        change.kind === "insertion" ? [change.source, change.text, ""] : [change.source, change.replacedBy ?? "", change.text],
      ),
    )
  })
