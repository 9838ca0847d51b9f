/** Routes by which one comes in, and hears who meets. */
import { z } from "zod"
import { defineRoutes } from "./route.ts"
import { personShape, plainName, role, sittingNowShape, sittingShape, sourceShape, text } from "./shapes.ts"

export const sessionRoutes = defineRoutes({
  signIn: {
    method: "post",
    path: "/session",
    summary: "Turn an invitation into a signed-in session (a cookie)",
    // Where somebody of this name has entered already 409 asks who it is (`needs: "same"`): the id of that person, or "another".
    body: z.object({ token: z.string().min(8).max(200), name: plainName.optional(), same: z.string().max(64).optional() }),
    answer: personShape,
    status: 201,
    isPublic: true,
  },
  signOut: { method: "delete", path: "/session", summary: "Sign out", status: 204 },
  me: {
    method: "get",
    path: "/me",
    // `notKept`: that the sign-in could not be written down, and what that means; null: it is.
    summary: "Who is signed in, the roster of sources in its order, and the sitting in force",
    answer: personShape.extend({ sources: z.array(sourceShape), sitting: sittingNowShape, notKept: text.nullable() }),
  },
  lookAtInvitation: {
    method: "post",
    path: "/session/invitation",
    summary: "What an invitation is for, before one enters by it; nothing is used up",
    body: z.object({ token: z.string().min(8).max(200) }),
    answer: z.object({
      role,
      /** For whom one writes by it, each with its tone. */
      sources: z.array(sourceShape.extend({ tone: z.number().int() })),
      /** The one person whom it is for; null: who enters gives a name. */
      name: text.nullable(),
      sitting: sittingShape,
      /** Who is signed in on this device already. */
      here: personShape.nullable(),
    }),
    isPublic: true,
  },
  people: {
    method: "get",
    path: "/people",
    summary: "Names behind the ids of people",
    answer: z.array(z.object({ id: text, name: text, role })),
  },
})
