import type { Device, DeviceOperation, KeptUpdate, Left, LeftLife, SpokenBlock, TrayEntry } from "./outbox.ts"
import { type Pages, thisPage } from "./pages.ts"

/** Keys: [draft, person, page, client, n] and [draft, person, page, key]. */
const stores = ["updates", "tray"] as const

/** A window that is being closed may hold what it has for a moment. */
const goingMs = 400
const lookEveryMs = 15_000

const done = (tr: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    tr.oncomplete = () => resolve()
    tr.onabort = () => reject(tr.error ?? new Error("the browser did not keep it"))
  })

const answer = <Result>(request: IDBRequest<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

async function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open("clausula", 1)
  request.onupgradeneeded = () => {
    for (const store of stores) request.result.createObjectStore(store)
  }
  return answer(request)
}

/** Everything below a key: arrays come after all else in the order of keys. */
const below = (...key: (string | number)[]): IDBKeyRange => IDBKeyRange.bound(key, [...key, []])

/** The browser's own database. Each thing belongs to one window; what a closed one has left is taken over by one that is open, in one transaction. */
export class BrowserDevice implements Device {
  readonly #draft: string
  readonly #person: string
  #pages: Pages | null = null
  #db: IDBDatabase | null = null
  #look: ReturnType<typeof setInterval> | undefined
  readonly #awaited = new Set<string>()

  constructor(draft: string, person: string) {
    this.#draft = draft
    this.#person = person
  }

  async open(): Promise<void> {
    this.#pages = thisPage()
    await this.#pages.ready
    this.#db = await openDatabase()
    // Another window clears it, or brings another version: not against this one's will.
    this.#db.onversionchange = () => this.#db?.close()
  }

  async write(operations: readonly DeviceOperation[]): Promise<void> {
    const tr = this.#db!.transaction(stores, "readwrite")
    const written = done(tr)
    const own = this.#own
    const updates = tr.objectStore("updates")
    const tray = tr.objectStore("tray")
    for (const operation of operations) {
      switch (operation.kind) {
        case "keep": {
          const { client, n } = operation.entry
          updates.put(operation.entry, [...own, client, n])
          break
        }
        case "forget": {
          const { client, n } = operation
          updates.delete(n === undefined ? below(...own, client) : IDBKeyRange.bound([...own, client], [...own, client, n]))
          break
        }
        case "tray":
          tray.put(operation.entry, [...own, operation.entry.key])
          break
        case "untray":
          tray.delete([...own, operation.key])
          break
        case "clear":
          for (const store of [updates, tray]) store.delete(below(...own))
          break
        default:
          operation satisfies never
      }
    }
    // A window that is closed now takes with it what was not committed.
    tr.commit()
    return written
  }

  get #own(): [string, string, string] {
    return [this.#draft, this.#person, this.#pages!.own]
  }

  async watch(found: (left: Left) => void): Promise<void> {
    this.#look = setInterval(() => void this.#lookFor(found).catch(() => undefined), lookEveryMs)
    const going = await this.#lookFor(found)
    await Promise.race([Promise.all(going), new Promise((resolve) => setTimeout(resolve, goingMs))])
  }

  /** Looks which windows hold something, and takes it over once they are closed. */
  async #lookFor(found: (left: Left) => void): Promise<Promise<void>[]> {
    const tr = this.#db!.transaction(stores, "readonly")
    const keys = await Promise.all(stores.map((store) => answer(tr.objectStore(store).getAllKeys(below(this.#draft, this.#person)))))
    const pages = new Set(keys.flat().map((key) => (key as string[])[2]!))
    return [...pages]
      .filter((page) => page !== this.#pages!.own && !this.#awaited.has(page))
      .map(async (page) => {
        this.#awaited.add(page)
        try {
          await this.#pages!.whenGone(page)
          found(await this.#takeOver(page))
        } finally {
          this.#awaited.delete(page)
        }
      })
  }

  async #takeOver(page: string): Promise<Left> {
    const tr = this.#db!.transaction(stores, "readwrite")
    const taken = done(tr)
    const range = below(this.#draft, this.#person, page)
    const moved = await Promise.all(
      stores.map(async (name) => {
        const store = tr.objectStore(name)
        const [keys, values] = await Promise.all([answer(store.getAllKeys(range)), answer(store.getAll(range))])
        keys.forEach((key, i) => {
          store.put(values[i], [...this.#own, ...(key as (string | number)[]).slice(3)])
        })
        store.delete(range)
        return values as unknown[]
      }),
    )
    await taken
    return { lives: livesOf(moved[0] as KeptUpdate[]), tray: moved[1] as TrayEntry[] }
  }

  close(): void {
    clearInterval(this.#look)
    this.#db?.close()
    this.#pages?.leave()
  }
}

/** Changes, as they were kept, by the life that made them. */
export function livesOf(entries: readonly KeptUpdate[]): LeftLife[] {
  const lives = new Map<string, Omit<LeftLife, "updates" | "stood"> & { updates: Uint8Array[]; stood: SpokenBlock[] }>()
  // What an earlier version kept has no pass.
  for (const { client, source, epoch, pass = "", update, stood = [] } of [...entries].sort((a, b) => a.n - b.n)) {
    const key = `${client} ${pass}`
    const life = lives.get(key)
    if (life) {
      life.updates.push(update)
      life.stood.push(...stood)
    } else lives.set(key, { client, source, epoch, pass, updates: [update], stood: [...stood] })
  }
  return [...lives.values()]
}
