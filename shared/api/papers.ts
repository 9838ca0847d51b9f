/** How a paper is called by what it shows: its text, whose marks it bears, whether with comments. */

export const viewNames = {
  force: "text in force",
  working: "working text",
  proposed: "as proposed",
  open: "with open changes",
  against: "against the text in force",
  rolling: "rolling text",
} as const

export const marksNames = { delegation: "each delegation's marks", body: "the body's marks", plain: "nobody's marks" } as const

/** How lists call the forms of files. */
export const formatNames = {
  docx: "Word",
  pdf: "PDF",
  html: "Web page",
  akn: "Akoma Ntoso",
  txt: "Plain text",
  json: "Clausula file",
} as const

export interface PaperShown {
  readonly view: keyof typeof viewNames
  readonly marks: keyof typeof marksNames
  /** Papers that were published before this was noted do not say it. */
  readonly comments?: boolean | undefined
}

/** Views in which one sees whose a proposal is. */
const bearsMarks: ReadonlySet<PaperShown["view"]> = new Set(["open", "against", "rolling"])

/** What a paper shows, in parts: "with open changes", "each delegation's marks", "with comments". */
export const paperParts = ({ view, marks, comments }: PaperShown): string[] => [
  viewNames[view],
  ...(bearsMarks.has(view) ? [marksNames[marks]] : []),
  ...(comments && (view === "open" || view === "against") ? ["with comments"] : []),
]
