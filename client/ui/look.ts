/** How a source is drawn wherever something of it stands: in a tone, and, as more delegations have it, in a turn of its own (ROS2). */
export interface SourceLook {
  readonly tone: number
  readonly turn: number
}

/** What styles need of it: the tone, and how heavy its lines are. */
export const styleOf = ({ tone, turn }: SourceLook): Record<string, string> => ({
  "--tone": toneValue(tone),
  ...(turn % 2 === 1 ? { "--heavier": "1.7px" } : {}),
})

export const toneValue = (tone: number): string => `var(--source-${tone})`

/** By how much the lines of a mark are heavier than those of the first turn, as a declaration; "" for none. */
export const heavierFor = (name: "in" | "out", { turn }: SourceLook): string => (turn % 2 === 1 ? `;--${name}-heavier:1.7px` : "")
