// The head of an Akoma Ntoso file, in the manner of AKN4UN: identification, references, notes.
import { ownNamespace } from "../../files/akn/names.ts"
import type { FileDraft } from "../../files/file-draft.ts"
import { escaped, tag } from "../../files/markup.ts"
import type { Printable } from "../printable.ts"
import { ownMarkup } from "./own.ts"

/** A name as a part of an address. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 60)

/** The `meta` of a text that is called so: what it is, who is in it, what was said about it, and what only we read. */
export function metaMarkup(
  draft: Printable,
  file: FileDraft,
  { designation, title }: { readonly designation: string; readonly title: string },
): string {
  const body = slug(draft.body) || "meeting"
  // A text whose day is not known must still be named by one; this one nobody takes for true.
  const date = draft.date ?? "1900-01-01"
  const work = `/akn/un/statement/deliberation/${body}/${date}/${slug(designation) || slug(title) || "draft"}`
  const language = /[\u0600-\u06ff]/.test(title || designation) ? "ara" : "eng"
  const expression = `${work}/${language}@${date}`
  const author = `#${body}`
  const identification = [
    tag(
      "FRBRWork",
      {},
      `${frbr(`${work}/!main`, work)}${tag("FRBRdate", { date, name: "draft" })}${tag("FRBRauthor", { href: author })}${tag("FRBRcountry", { value: "un" })}${tag("FRBRsubtype", { value: "deliberation" })}${designation ? tag("FRBRnumber", { value: designation }) : ""}`,
    ),
    tag(
      "FRBRExpression",
      {},
      `${frbr(`${expression}/!main`, expression)}${tag("FRBRdate", { date, name: "draft" })}${tag("FRBRauthor", { href: author })}${tag("FRBRlanguage", { language })}`,
    ),
    tag(
      "FRBRManifestation",
      {},
      `${frbr(`${expression}/!main.xml`, `${expression}.xml`)}${tag("FRBRdate", { date, name: "markup" })}${tag("FRBRauthor", { href: "#editor" })}${tag("FRBRformat", { value: "application/akn+xml" })}`,
    ),
  ].join("")
  const sources = [
    ...new Set([...file.changes.map((change) => change.source), ...file.comments.map((comment) => comment.source ?? null)]),
  ].filter((source) => source !== null)
  const organizations = [
    tag("TLCOrganization", { eId: body, href: `/ontology/organizations/${body}`, showAs: draft.body || "The meeting" }),
    ...sources.map((source) =>
      tag("TLCOrganization", {
        eId: `source-${source}`,
        href: `/ontology/organizations/source/${source}`,
        showAs: draft.sources.get(source) ?? source,
      }),
    ),
    tag("TLCPerson", { eId: "editor", href: "/ontology/persons/editor", showAs: "Editor" }),
  ].join("")
  const notes = file.comments
    .map((comment, i) =>
      tag("note", { eId: `note_${i + 1}` }, [comment, ...comment.replies].map((remark) => tag("p", {}, escaped(remark.text))).join("")),
    )
    .join("")
  return tag(
    "meta",
    {},
    `${tag("identification", { source: "#editor" }, identification)}${tag("references", { source: "#editor" }, organizations)}${notes ? tag("notes", { source: "#editor" }, notes) : ""}${tag("proprietary", { source: "#editor", "xmlns:c": ownNamespace }, ownMarkup(file))}`,
  )
}

const frbr = (current: string, uri: string): string => `${tag("FRBRthis", { value: current })}${tag("FRBRuri", { value: uri })}`
