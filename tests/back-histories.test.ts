import { expect, it } from "vitest"
import { clause, draftState, head, random } from "./build.ts"
import { Cohort } from "./cohort.ts"
import { propose } from "./histories.ts"

const start = (): Cohort =>
  new Cohort(
    draftState([
      head("resolves"),
      clause("to continue the work of the group;", "c1"),
      clause("to report each year,", "c2"),
      clause("to meet in the spring.", "c3"),
      clause("to close.", "c4"),
    ]),
  )

const isDecision = ({ act }: { readonly act: string }): boolean => act === "accept" || act === "notRetain"
const proposed = /^(.*) has proposed something since about a clause that this decision made\. Decide on that first\.$/
const onlyProposed = /^The words that this decision was about are only proposed again, by (.*)\. Accept them first\.$/
const isOfNothing = /^What this decision was about is there no more since entry \d+ was taken back/

/** Takes a decision back by doing what the sentences say. What it comes to where that is no way out; null: it is taken back, or was. */
async function takenBack(cohort: Cohort, n: number, depth = 0): Promise<string | null> {
  for (let tries = 0; tries < 12; tries++) {
    if (await cohort.takeBack(n)) return null
    const { message, details } = cohort.refusal!
    if (message === "This decision was taken back already.") return null
    const first = (details as { readonly first?: readonly number[] } | undefined)?.first ?? []
    const isOf = (sources: string | undefined) => (source: string) => sources?.split(", ").includes(source) ?? false
    const [, proposing] = proposed.exec(message) ?? []
    const [, writing] = onlyProposed.exec(message) ?? []
    if (proposing !== undefined) {
      const open = cohort.changes().filter(({ source, structure }) => structure.length > 0 && isOf(proposing)(source))
      for (const { id } of open) await cohort.decide([id], "notRetain")
    } else if (writing !== undefined) {
      const open = cohort.changes().filter(({ source, inserted }) => inserted !== "" && isOf(writing)(source))
      for (const { id } of open) await cohort.decide([id], "accept")
    } else if (first.length === 0 || depth > 30) return message
    for (const other of first) {
      const stays = await takenBack(cohort, other, depth + 1)
      if (stays !== null) return `${other}: ${stays}`
    }
  }
  return "for ever"
}

/** Of a random history, the decisions that cannot be taken back, each with why. */
async function standingFast(seed: number): Promise<string[]> {
  const r = random(seed)
  const cohort = start()
  const members = ["S", "B", "J"].map((source) => cohort.member(source))
  await cohort.settle()
  for (let step = 0; step < 14; step++) {
    propose(r.pick(members), r)
    await cohort.settle()
    const open = cohort.changes()
    if (open.length > 0 && r.next() < 0.6) await cohort.decide([r.pick(open).id], r.next() < 0.75 ? "accept" : "notRetain")
    const decided = cohort.log.entries.filter(isDecision)
    if (decided.length > 0 && r.next() < 0.25) await cohort.takeBack(r.pick(decided).n)
    await cohort.settle()
  }
  const found: string[] = []
  const decided = cohort.log.entries.filter(isDecision)
  while (decided.length > 0) {
    const [entry] = decided.splice(r.below(decided.length), 1)
    const { n, act, details } = entry!
    const stays = await takenBack(cohort, n)
    const [about] = (details.changes as readonly { readonly about?: readonly string[] }[]).map((change) => change.about ?? [])
    // What was proposed about a clause and not retained is open no more where that clause was never made.
    const isIdle = stays !== null && isOfNothing.test(stays) && act === "notRetain" && about!.length > 0
    if (stays !== null && !isIdle) found.push(`seed ${seed}, ${n}: ${stays}`)
  }
  return [...found, ...cohort.faults.map((fault) => `seed ${seed}: ${String(fault)}`)]
}

it("[BACK3] after any history of decisions and of taking back, every decision is taken back by doing what the sentences say", async () => {
  const first = Number(process.env.SEED ?? 1)
  const found: string[] = []
  for (let seed = first; seed < first + Number(process.env.SCENES ?? 60); seed++)
    found.push(...(await standingFast(seed).catch((error) => [`seed ${seed}: ${String(error)}`])))
  expect(found).toEqual([])
}, 600_000)
