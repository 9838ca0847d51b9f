/** A meeting of a body in a room on a day, with the chairperson who was there. What nobody has said is "". */
export interface Sitting {
  readonly body: string
  readonly room: string
  /** ISO 8601 date. */
  readonly date: string
  /** The name of the chairperson who was present; "" where none was. */
  readonly chair: string
}

/** What nobody has said of a sitting yet, in words for people; empty where it is complete. */
export function missingIn(sitting: { readonly body: string; readonly room: string; readonly chair: unknown }): string[] {
  return [sitting.body ? "" : "body", sitting.room ? "" : "room", sitting.chair ? "" : "chairperson"].filter(Boolean)
}

/** Stands in the place of who decided where the secretariat entered a decision and no chair was there. */
export const chairNotPresent = "entered by the secretariat, chair not present"

/** Stands in the place of who did what the room does by itself, as where it takes out a clause that its delegation has left empty. */
export const byItself = "nobody: the room, by itself"
