import type { IncomingMessage } from "node:http"
import type { Request, RequestHandler, Response } from "express"
import { type RouteName, routes } from "../../shared/api/contract.ts"
import { type Act, type DraftState, may } from "../../shared/policy/policy.ts"
import type { Config } from "../config.ts"
import type { Drafts } from "../drafts/drafts.ts"
import type { Meeting } from "../people/meeting.ts"
import type { Person } from "../people/session.ts"
import type { Standing } from "../people/sign-ins.ts"
import { DomainError } from "../problems.ts"
import { addressOf, cookieOf, isOriginAllowed } from "./origins.ts"
import { addressKey, Rate } from "./rates.ts"

/**
 * What each route asks of the policy before anything of its body is read. Where it hangs on the body too (whose change it is, who began the thread)
 * the act asks again.
 */
export const actOfRoute: Readonly<Record<RouteName, Act>> = {
  signIn: "read",
  signOut: "read",
  me: "read",
  people: "read",
  drafts: "read",
  importDraft: "importDraft",
  importChanges: "importChanges",
  draft: "read",
  force: "read",
  join: "read",
  changes: "read",
  changeEntered: "read",
  decide: "decide",
  // A delegation takes back its own withdrawals.
  takeBack: "withdraw",
  reopen: "withdraw",
  withdraw: "withdraw",
  untie: "decide",
  attribute: "attribute",
  comment: "comment",
  reply: "comment",
  resolveThread: "resolveThread",
  settings: "letSecretaryOperate",
  openToPublic: "openToPublic",
  adopt: "adopt",
  register: "read",
  exportDraft: "read",
  versions: "read",
  nameVersion: "nameVersion",
  publish: "publish",
  publishedFile: "read",
  compareVersions: "read",
  template: "read",
  setTemplate: "setTemplate",
  removeTemplate: "setTemplate",
  invite: "invite",
  lookAtInvitation: "read",
  roster: "invite",
  readRoster: "invite",
  addDelegation: "invite",
  withdrawInvitation: "invite",
  setAccess: "invite",
  sittings: "read",
  openSitting: "setSitting",
  changeSitting: "setSitting",
}

/** How many requests a minute: of a person, of an address that is nobody's, and tries to sign in that fail. */
const perMinute = { person: 1_200, address: 1_200, failedSignIns: 600 } as const

/** Bytes of a refused request that are let pass unread, and how long, so that a browser that is still sending hears the answer. */
const passed = { bytes: 25 * 1024 * 1024, ms: 10_000 } as const

export interface AdmissionParts {
  readonly config: Config
  readonly meeting: Meeting
  readonly drafts: Drafts
  /** Milliseconds by a clock that only goes forward. */
  readonly elapsedMs: () => number
}

/** Who comes in: requests are counted, known people told from strangers, and rights read, all before a body is (rules HTTP4-HTTP6). */
export class Admission {
  readonly #parts: AdmissionParts
  readonly #persons: Rate
  readonly #addresses: Rate
  readonly #failedSignIns: Rate

  constructor(parts: AdmissionParts) {
    this.#parts = parts
    this.#persons = new Rate(perMinute.person, parts.elapsedMs)
    this.#addresses = new Rate(perMinute.address, parts.elapsedMs)
    this.#failedSignIns = new Rate(perMinute.failedSignIns, parts.elapsedMs)
  }

  /**
   * Who stands behind a request. A delegation sits behind one address, so a person has an account of its own; what bears no cookie that is somebody's
   * counts to the address, however many are made up. Throws where there were too many.
   */
  async standing(request: IncomingMessage): Promise<Standing> {
    const { config, meeting } = this.#parts
    const cookie = cookieOf(request, config)
    const address = addressKey(addressOf(request, config))
    // Even to look a cookie up costs the store something: made-up ones are counted first. Who is known is not held up by them.
    const isKnown = meeting.signIns.knows(cookie)
    if (!isKnown) demandRate(this.#addresses, address)
    const standing = await meeting.signIns.of(cookie)
    if (!standing.person) return standing
    if (!isKnown) this.#addresses.giveBack(address)
    demandRate(this.#persons, standing.person.id)
    meeting.attendance.saw(standing.person.id)
    return standing
  }

  /** Counts a request of one who need not be anybody. */
  readonly visitor: RequestHandler = (request, _response, next) => {
    demandRate(this.#addresses, addressKey(addressOf(request, this.#parts.config)))
    next()
  }

  /** Before a body is read: where the request comes from, who it is, and whether the route is theirs at all. Leaves the person in `response.locals`. */
  door(name: RouteName): RequestHandler {
    const route: { method: string; path: string; isPublic?: boolean } = routes[name]
    return async (request, response, next) => {
      try {
        response.locals.person = await this.#admitted(name, route, request)
        if (name === "signIn" || name === "lookAtInvitation") this.#watchSignIn(request, response)
      } catch (error) {
        letPass(request)
        throw error
      }
      next()
    }
  }

  async #admitted(name: RouteName, route: { method: string; isPublic?: boolean }, request: Request): Promise<Person | null> {
    const { config, drafts } = this.#parts
    if (route.method !== "get" && !isOriginAllowed(request, config))
      throw new DomainError("not-allowed", "This page may not act on this server: it comes from another address.")
    // Who comes in for the first time is not held up by those of the same address who make up cookies.
    if (route.isPublic) return null
    const standing = await this.standing(request)
    if (!standing.person) throw new DomainError("not-signed-in", standing.sentence)
    const { person, signIn } = standing
    if (route.method !== "get") await this.#parts.meeting.writeDown({ person: person.id, signIn })
    const { draft } = request.params
    const state = draft === undefined ? beforeAny : (await drafts.open(String(draft))).room.meta
    const ruling = may(actOfRoute[name], { role: person.role, hat: person.hats[0] ?? null }, state)
    if (!ruling.isAllowed) throw new DomainError("not-allowed", ruling.sentence)
    return person
  }

  /** Only tries that fail count: a whole hall comes in behind one address on the first morning. */
  #watchSignIn(request: Request, response: Response): void {
    const address = addressKey(addressOf(request, this.#parts.config))
    demandRate(this.#failedSignIns, address, "Too many tries to sign in from this address. Wait a minute.")
    response.on("finish", () => {
      if (response.statusCode < 400) this.#failedSignIns.giveBack(address)
    })
  }
}

/** Rights that hang on no draft are read as of one that is being drafted. */
const beforeAny: DraftState = { stage: "drafting", secretaryOperates: true }

function demandRate(rate: Rate, key: string, sentence = "Too many requests in a minute. Wait a moment and go on."): void {
  const seconds = rate.take(key)
  if (seconds > 0) throw new DomainError("too-many", sentence, { seconds })
}

/** A body that nobody reads flows past, within bounds: a browser that is still sending would not hear the answer otherwise. */
function letPass(request: Request): void {
  if (request.complete) return
  let left: number = passed.bytes
  request.on("data", (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) request.destroy()
  })
  const timer = setTimeout(() => request.destroy(), passed.ms)
  request.on("close", () => clearTimeout(timer))
}
