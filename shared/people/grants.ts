import type { Role, Ruling } from "../policy/policy.ts"
import { isDelegationCode } from "./roster.ts"

/** Who invites, or takes access away: a person in a role, or the operator at the command line. */
export type Granter = Role | "operator"

const rank: Readonly<Record<Granter, number>> = { observer: 0, delegate: 1, secretary: 2, chair: 3, operator: 4 }

const refused = (sentence: string): Ruling => ({ isAllowed: false, sentence })

/** Whether somebody may give or take a role: the secretariat and the chair may, and nobody above the own (POL6). */
export function mayGrantRole(by: Granter, role: Role): Ruling {
  if (rank[by] < rank.secretary) return refused("The secretariat invites, and withdraws what it has given.")
  if (rank[role] > rank[by]) return refused("Only the operator of the server, or a chair, makes a chair or takes that away.")
  return { isAllowed: true }
}

/** Whether a role may have these hats: a delegate those of delegations, others none beside their own (POL6). */
export function mayWear(role: Role, hats: readonly string[]): Ruling {
  const own = role === "chair" ? "CHAIR" : role === "secretary" ? "SEC" : null
  if (role === "delegate") {
    if (hats.length === 0) return refused("A delegate writes for a delegation. Say which, such as S.")
    const wrong = hats.find((code) => !isDelegationCode(code))
    return wrong === undefined ? { isAllowed: true } : refused(`${wrong} is no delegation: a delegate does not write for it.`)
  }
  const other = hats.find((code) => code !== own)
  if (other === undefined) return { isAllowed: true }
  return refused(
    role === "observer" ? "An observer writes for nobody." : `A ${role} writes for ${other} by no invitation: it has no delegation.`,
  )
}

/** The hats that a role has, whatever its invitation says: what was kept before these rules gives no more than they do. */
export function hatsOf(role: Role, hats: readonly string[]): readonly string[] {
  switch (role) {
    case "chair":
      return ["CHAIR"]
    case "secretary":
      return ["SEC"]
    case "delegate":
      return hats.filter(isDelegationCode)
    case "observer":
      return []
    default:
      return role satisfies never
  }
}
