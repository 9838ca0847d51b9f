import { acknowledgement } from "./acknowledgement.ts"
import { fanOut } from "./fan-out.ts"
import { gateCost } from "./gate-cost.ts"
import { largeDraft } from "./large-draft.ts"
import type { Measure } from "./measure.ts"
import { prototype } from "./prototype.ts"
import { word } from "./word.ts"

const measures: Readonly<Record<string, () => Promise<Measure>>> = {
  P2: fanOut,
  P6: gateCost,
  P7: word,
  P8: largeDraft,
  P10: acknowledgement,
  E1: prototype,
}

const asked = process.argv.slice(2).filter((arg) => !arg.startsWith("--"))
const isJson = process.argv.includes("--json")
const unknown = asked.find((name) => !(name in measures))
if (unknown !== undefined) {
  console.error(`There is no measure ${unknown}. There are ${Object.keys(measures).join(", ")}.`)
  process.exit(2)
}
const results: Measure[] = []
for (const name of asked.length > 0 ? asked : Object.keys(measures)) {
  console.error(`measuring ${name} ...`)
  results.push(await measures[name]!())
}
if (isJson) console.log(JSON.stringify(results, null, 1))
else
  for (const { id, what, rows, notes } of results) {
    console.log(`\n${id}  ${what}`)
    console.table(Object.fromEntries(rows.map(({ name, ...figures }) => [name, figures])))
    for (const note of notes) console.log(`  ${note}`)
  }
process.exit(0)
