import type { KeptWords } from "../editor/kept-places.ts"
import type { RecordedBlock } from "../editor/own-pieces.ts"

/** Words that are in no room, until their writer says what becomes of them. */
export interface TrayEntry extends KeptWords {
  readonly key: number
  readonly why: string
  /** How their clause was spoken of when they were handed back; absent where that is not known. */
  readonly address?: string
  /** For whom they were typed. */
  readonly source: string
}

/** A block in which something was written, and how it was spoken of. */
export interface SpokenBlock extends RecordedBlock {
  readonly address?: string
}

/** The changes of one life that the room has not acknowledged, in their order. */
export interface LeftLife {
  readonly client: number
  readonly source: string
  readonly epoch: string
  readonly pass: string
  readonly updates: readonly Uint8Array[]
  /** After one change and the other, where what the room had not heard stood; the last tells most. */
  readonly stood: readonly SpokenBlock[]
}

/** What a window that is closed has left on this device. */
export interface Left {
  readonly lives: readonly LeftLife[]
  readonly tray: readonly TrayEntry[]
}

export interface KeptUpdate extends Omit<LeftLife, "updates" | "stood"> {
  /** Counted by the life. */
  readonly n: number
  readonly update: Uint8Array
  /** The blocks that it was written in; absent in what an earlier version kept. */
  readonly stood?: readonly SpokenBlock[]
}

export type DeviceOperation =
  | { readonly kind: "keep"; readonly entry: KeptUpdate }
  /** Of one life, those up to `n`; without it all. */
  | { readonly kind: "forget"; readonly client: number; readonly n?: number }
  | { readonly kind: "tray"; readonly entry: TrayEntry }
  | { readonly kind: "untray"; readonly key: number }
  | { readonly kind: "clear" }

/** What a browser keeps for one person on one draft, for this window and after it. Each call rejects where the browser keeps nothing. */
export interface Device {
  open(): Promise<void>
  /** Does all of it, or nothing. */
  write(operations: readonly DeviceOperation[]): Promise<void>
  /** Tells what windows that are closed have left, each thing to one window only; resolves once it has looked. */
  watch(found: (left: Left) => void): Promise<void>
  close(): void
}

/** Typing waits so long for the device, not longer. */
const patienceMs = 1_000
const retryMs = 5_000

/**
 * What was typed and is in no room yet, kept on this device: each change before its frame is sent, until it is acknowledged (LIFE4). Where the device
 * keeps nothing the words are in this window only, and `isKept` says so.
 */
export class Outbox {
  readonly #device: Device
  readonly #onKept: () => void
  #isReady = false
  #isBroken = false
  /** What failed waits to be written again. */
  #mustRetry = false
  #isClosed = false
  #waiting: DeviceOperation[] = []
  #done: (() => void)[] = []
  #retry: ReturnType<typeof setTimeout> | undefined

  /** `onKept`: whether words outlive the window has changed. */
  constructor(device: Device, onKept: () => void = () => undefined) {
    this.#device = device
    this.#onKept = onKept
  }

  get isKept(): boolean {
    return this.#isReady && !this.#isBroken
  }

  /** Resolves once it is known what earlier windows left, or that nothing can be known. */
  async open(found: (left: Left) => void): Promise<void> {
    const patience = new Promise<void>((resolve) => setTimeout(resolve, 3 * patienceMs))
    await Promise.race([this.#begin(found), patience])
    if (!this.#isReady) this.#broken(true)
  }

  async #begin(found: (left: Left) => void): Promise<void> {
    try {
      await this.#device.open()
      this.#isReady = true
      this.#broken(false)
      this.#write()
      await this.#device.watch(found)
    } catch {
      this.#broken(true)
    }
  }

  /** Keeps a change; resolves once it is kept. Undefined: the device keeps nothing, and nobody is to wait for it. */
  keep(entry: KeptUpdate): Promise<void> | undefined {
    this.#add({ kind: "keep", entry })
    return this.#isBroken ? undefined : new Promise((resolve) => this.#whenDone(resolve))
  }

  #whenDone(resolve: () => void): void {
    const timer = setTimeout(() => {
      this.#broken(true)
      resolve()
    }, patienceMs)
    this.#done.push(() => {
      clearTimeout(timer)
      resolve()
    })
  }

  /** The room has the changes of a life up to the n-th. */
  acknowledged(client: number, n: number): void {
    // What was not written yet is not written any more.
    this.#waiting = this.#waiting.filter((one) => !(one.kind === "keep" && one.entry.client === client && one.entry.n <= n))
    this.#add({ kind: "forget", client, n })
  }

  /** What a life changed is in the room, is put back, or in the tray. */
  forget(client: number): void {
    this.#waiting = this.#waiting.filter((one) => !(one.kind === "keep" && one.entry.client === client))
    this.#add({ kind: "forget", client })
  }

  tray(entry: TrayEntry): void {
    this.#add({ kind: "tray", entry })
  }

  untray(key: number): void {
    this.#add({ kind: "untray", key })
  }

  /** Its writer wants none of it any more. */
  async clear(): Promise<void> {
    this.#waiting = []
    this.#add({ kind: "clear" })
    if (!this.#isBroken) await new Promise<void>((resolve) => this.#whenDone(resolve))
  }

  close(): void {
    this.#write()
    this.#isClosed = true
    clearTimeout(this.#retry)
    this.#device.close()
  }

  #add(operation: DeviceOperation): void {
    this.#waiting.push(operation)
    // What belongs together is said in one go, and written in one go.
    queueMicrotask(() => this.#write())
  }

  // At once, and not after one another: what a window has handed over is written though the window is closed in the same moment.
  #write(): void {
    if (!this.#isReady || this.#isClosed || this.#waiting.length === 0) return
    const operations = this.#waiting
    const done = this.#done
    this.#waiting = []
    this.#done = []
    this.#mustRetry = false
    this.#device.write(operations).then(
      () => {
        if (!this.#mustRetry) this.#broken(false)
        for (const resolve of done) resolve()
      },
      () => this.#failed(operations, done),
    )
  }

  #failed(operations: readonly DeviceOperation[], done: readonly (() => void)[]): void {
    this.#waiting = [...operations, ...this.#waiting]
    this.#mustRetry = true
    this.#broken(true)
    for (const resolve of [...done, ...this.#done.splice(0)]) resolve()
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.#write(), retryMs)
  }

  #broken(isBroken: boolean): void {
    const was = this.#isBroken
    this.#isBroken = isBroken
    if (was !== isBroken) this.#onKept()
  }
}
