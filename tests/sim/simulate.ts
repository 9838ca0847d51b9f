import { perform } from "./operations.ts"
import { Player, planOf, stepsOfPlay } from "./plan.ts"
import { demandWhole, settle } from "./settle.ts"
import { LawBroken, type Op, type Plan, type Trace } from "./trace.ts"
import { type Ground, World } from "./world.ts"

/** What a run has done: how often each operation did something, how often each law was looked at. */
export interface Counts {
  readonly done: Map<string, number>
  readonly checked: Map<string, number>
  /** Operations in all. */
  operations: number
}

export const newCounts = (): Counts => ({ done: new Map(), checked: new Map(), operations: 0 })

/** A law that failed, with the trace that leads there. */
export interface Failure {
  readonly seed: number
  readonly error: LawBroken
  readonly trace: Trace
}

/** Plays one draft from a seed: what happens is chosen as it goes, and noted as a trace. Null: every law held. */
export async function simulate(
  ground: Ground,
  seed: number,
  counts = newCounts(),
  { plan = planOf(seed), onEnd = () => undefined }: { plan?: Plan; onEnd?: (trace: Trace) => void } = {},
): Promise<Failure | null> {
  const ops: Op[] = []
  const world = await World.open(ground, plan, counts)
  try {
    const player = new Player(world, seed)
    await begin(world, ops)
    counts.operations += ops.length
    for (let step = 0; step < stepsOfPlay; step++) {
      const op: Op = { at: ops.length + 1, ...player.next() } as Op
      ops.push(op)
      counts.operations++
      await world.perform(op, perform)
    }
    await settle(world)
    await demandWhole(world)
    onEnd({ name: `seed-${seed}`, plan, ops })
    return null
  } catch (error) {
    if (!(error instanceof LawBroken)) throw error
    return { seed, error, trace: { name: `seed-${seed}`, law: error.law, plan, ops } }
  } finally {
    world.destroy()
  }
}

/** Everybody comes before anything else happens. */
async function begin(world: World, ops: Op[]): Promise<void> {
  const add = async (op: Omit<Op, "at">): Promise<void> => {
    const numbered = { at: ops.length + 1, ...op } as Op
    ops.push(numbered)
    await world.perform(numbered, perform)
  }
  for (const { key } of world.delegates) {
    await add({ do: "come", who: key })
    await add({ do: "up", who: key, n: 9 })
  }
  await add({ do: "turn" })
  for (const { key } of world.delegates) await add({ do: "down", who: key, n: 9 })
  for (const { key } of world.delegates) await add({ do: "up", who: key, n: 9 })
  await add({ do: "turn" })
}

/** Carries out a trace; the law that fails, or null. */
export async function replay(ground: Ground, { plan, ops }: Pick<Trace, "plan" | "ops">): Promise<LawBroken | null> {
  const world = await World.open(ground, plan)
  try {
    for (const op of ops) await world.perform(op, perform)
    await settle(world)
    await demandWhole(world)
    return null
  } catch (error) {
    if (error instanceof LawBroken) return error
    throw error
  } finally {
    world.destroy()
  }
}

/** The fewest operations of a trace after which the same law fails, found by leaving out ever smaller parts. */
export async function shrink(ground: Ground, trace: Trace, law: string): Promise<Trace> {
  const fails = async (ops: readonly Op[]): Promise<boolean> => (await replay(ground, { plan: trace.plan, ops }))?.law === law
  let { ops } = trace
  for (let size = Math.ceil(ops.length / 2); size >= 1; ) {
    let isLess = false
    for (let from = 0; from < ops.length; ) {
      const fewer = [...ops.slice(0, from), ...ops.slice(from + size)]
      if (await fails(fewer)) {
        ops = fewer
        isLess = true
      } else from += size
    }
    if (size === 1 && !isLess) break
    size = size === 1 ? 1 : Math.ceil(size / 2)
  }
  return { ...trace, ops }
}
