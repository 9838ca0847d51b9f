import type { Store } from "../storage/store.ts"
import { isNobodysName } from "./nobody.ts"

/** Name in files -> source. */
export type SourceByName = ReadonlyMap<string, string>

const setting = "file-authors"
/** Names are forgotten, the oldest first, beyond so many. */
const mostNames = 2_000
const longestName = 200

/** Which source the secretariat stated for whom files name, in this meeting: the next file by the same is proposed to be the same delegation's (ONTO11). */
export class FileAuthors {
  readonly #store: Pick<Store, "setting" | "saveSetting">
  #turn: Promise<unknown> = Promise.resolve()

  constructor(store: Pick<Store, "setting" | "saveSetting">) {
    this.#store = store
  }

  async known(): Promise<SourceByName> {
    return new Map(JSON.parse((await this.#store.setting(setting)) ?? "[]") as [string, string][])
  }

  /** Keeps what was stated for these authors of a file. Where nothing was stated for one any more it is forgotten; a name that is nobody's is not kept. */
  remember(names: readonly string[], stated: Readonly<Record<string, string>>): Promise<void> {
    const told = names.filter((name) => Object.hasOwn(stated, name) && !isNobodysName(name) && name.length <= longestName)
    const done = this.#turn.then(async () => {
      const before = await this.known()
      if (told.every((name) => (before.get(name) ?? "") === stated[name])) return
      const all = new Map(before)
      for (const name of told) {
        all.delete(name)
        if (stated[name]) all.set(name, stated[name])
      }
      await this.#store.saveSetting(setting, JSON.stringify([...all].slice(-mostNames)))
    })
    this.#turn = done.catch(() => undefined)
    return done
  }
}
