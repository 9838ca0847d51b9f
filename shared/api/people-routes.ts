/** Routes by which the secretariat keeps the list of who meets, and says what sitting it is. */
import { z } from "zod"
import { defineRoutes } from "./route.ts"
import {
  plainName,
  role,
  rosterFileShape,
  rosterShape,
  shortText,
  sittingNowShape,
  sittingShape,
  sittingTerms,
  source,
  sourceShape,
  text,
} from "./shapes.ts"

export const peopleRoutes = defineRoutes({
  roster: {
    method: "get",
    path: "/roster",
    summary: "The delegations, people and invitations of the meeting, for who keeps the list",
    answer: rosterShape,
  },
  readRoster: {
    method: "post",
    path: "/roster",
    summary: "Put the delegations of a CSV file on the roster: a line a delegation, code and name; with `preview` it is only looked at",
    takesFile: true,
    query: z.object({ preview: z.enum(["true"]).optional() }),
    answer: rosterFileShape,
  },
  addDelegation: {
    method: "post",
    path: "/roster/delegations",
    summary: "Put a delegation on the roster, or give it another name",
    body: z.object({ code: source, name: plainName }),
    answer: sourceShape,
    status: 201,
  },
  invite: {
    method: "post",
    path: "/invitations",
    summary: "Invite a delegation or a person: a link with a token that is shown once",
    body: z.object({
      role: role.optional(),
      hats: z.array(source).max(200).default([]),
      /** The one person whom it is for, new on the list. */
      name: plainName.optional(),
      /** The one person whom it is for, who is on the list already: role and hats are its own. */
      person: text.max(64).optional(),
      sourceName: plainName.optional(),
      days: z.number().int().min(1).max(365).default(30),
    }),
    answer: z.object({ id: text, token: text, expiresAt: text, person: text.nullable(), name: text.nullable() }),
    status: 201,
  },
  withdrawInvitation: {
    method: "delete",
    path: "/invitations/:invitation",
    summary: "Withdraw an invitation: nobody enters by it any more; who has entered stays",
    status: 204,
  },
  setAccess: {
    method: "post",
    path: "/people/:person/access",
    summary: "Withdraw a person: its sign-ins and sockets end at once; or give access back",
    body: z.object({ withdrawn: z.boolean() }),
    answer: z.object({ id: text, withdrawn: z.boolean() }),
  },
  sittings: {
    method: "get",
    path: "/sittings",
    summary: "The sittings of the meeting, the oldest first",
    answer: z.array(sittingShape.extend({ id: text, openedAt: text, closedAt: text.nullable() })),
  },
  openSitting: {
    method: "post",
    path: "/sittings",
    summary: "Open a sitting: body, room, date and chairperson of all that is done from now on; the one before is closed",
    body: sittingTerms.extend({ chair: shortText.nullable().default(null) }),
    answer: sittingNowShape,
    status: 201,
  },
  changeSitting: {
    method: "post",
    path: "/sittings/current",
    summary: "Say something else of the sitting in force; what was done before keeps what it bears",
    body: sittingTerms.partial(),
    answer: sittingNowShape,
  },
})
