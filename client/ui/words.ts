import type { Role } from "../../shared/policy/policy.ts"
import { numberOf } from "./moment.ts"

/** "1 change", "12 changes". */
export const count = (n: number, one: string, many = `${one}s`): string => `${numberOf(n)} ${n === 1 ? one : many}`

/** What the file chooser offers: everything that the server reads by content. */
export const readableFiles =
  ".docx,.txt,.xml,.json,application/vnd.openxmlformats-officedocument.wordprocessingml.document,text/plain,application/xml,application/json"

/** What a role is called. */
export const roleNames: Readonly<Record<Role, string>> = {
  chair: "Chair",
  secretary: "Secretariat",
  delegate: "Delegate",
  observer: "Observer",
}
