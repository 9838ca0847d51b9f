import { describe, expect, it } from "vitest"
import { type Act, may, mayResolve, mayWithdraw, type Role } from "../shared/policy/policy.ts"

const open = { stage: "drafting", secretaryOperates: true } as const
const roles: readonly Role[] = ["chair", "secretary", "delegate", "observer"]
const hats: Record<Role, string | null> = { chair: "CHAIR", secretary: "SEC", delegate: "S", observer: null }
const who = (act: Act, draft: Parameters<typeof may>[2] = open): Role[] =>
  roles.filter((role) => may(act, { role, hat: hats[role] }, draft).isAllowed)

describe("policy", () => {
  it.each([
    ["read", ["chair", "secretary", "delegate", "observer"]],
    ["propose", ["chair", "secretary", "delegate"]],
    ["comment", ["chair", "secretary", "delegate"]],
    ["decide", ["chair", "secretary"]],
    ["adopt", ["chair", "secretary"]],
    ["letSecretaryOperate", ["chair"]],
    ["importDraft", ["chair", "secretary"]],
    ["invite", ["chair", "secretary"]],
    ["setSitting", ["chair", "secretary"]],
  ] as const)("[POL1] %s: %j", (act, allowed) => expect(who(act)).toEqual(allowed))
  it("[POL2] the secretary decides only while the chair lets it", () =>
    expect(who("decide", { ...open, secretaryOperates: false })).toEqual(["chair"]))
  it("[POL3] an adopted text takes no more proposals, comments or decisions", () => {
    for (const act of ["propose", "comment", "decide", "withdraw", "adopt"] as const)
      expect(who(act, { ...open, stage: "adopted" })).toEqual([])
    expect(who("read", { ...open, stage: "adopted" })).toHaveLength(4)
  })
  it("[POL4] only the source withdraws; who began a thread, the chair and the secretariat resolve it", () => {
    expect(roles.filter((role) => mayWithdraw({ role, hat: hats[role] }, "S", open).isAllowed)).toEqual(["delegate"])
    expect(roles.filter((role) => mayResolve({ role, hat: hats[role] }, "B", open).isAllowed)).toEqual(["chair", "secretary"])
    expect(mayResolve({ role: "delegate", hat: "B" }, "B", open).isAllowed).toBe(true)
  })
  it("[POL5] every refusal is a sentence", () => {
    for (const act of ["propose", "decide", "invite"] as const) {
      const ruling = may(act, { role: "observer", hat: null }, open)
      expect(ruling.isAllowed ? "" : ruling.sentence).toMatch(/^[A-Z].*\.$/)
    }
  })
})
