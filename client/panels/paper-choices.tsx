import { useId } from "preact/hooks"

/** What one chooses of a paper: its text, whose marks it bears, its form. */
export type Choices = readonly (readonly [value: string, name: string])[]

export const views: Choices = [
  ["against", "Against the text in force: accepted and open changes"],
  ["open", "With open changes"],
  ["proposed", "As proposed"],
  ["working", "Working text"],
  ["force", "Text in force"],
  ["rolling", "Rolling text, in brackets for black and white"],
]

export const marks: Choices = [
  ["delegation", "Each delegation's"],
  ["body", "The body's"],
  ["plain", "Nobody's: no name and no time is in the file"],
]

export const formats: Choices = [
  ["docx", "Word (.docx)"],
  ["pdf", "PDF"],
  ["html", "Web page (.html)"],
  ["akn", "Akoma Ntoso (.xml)"],
  ["txt", "Plain text"],
  ["json", "Clausula file (.json)"],
]

/** Views in which changes are marked. */
export const isMarked = (view: string): boolean => view === "against" || view === "open"

interface ChoiceProps {
  readonly choices: Choices
  readonly value: string
  readonly onChange: (value: string) => void
}

export function Radios({ name, choices, value, onChange }: ChoiceProps & { name: string }) {
  return (
    <>
      {choices.map(([choice, label]) => (
        <label key={choice}>
          <input type="radio" name={name} value={choice} checked={value === choice} onChange={() => onChange(choice)} /> {label}
        </label>
      ))}
    </>
  )
}

export function Select({ label, choices, value, onChange }: ChoiceProps & { label: string }) {
  const id = useId()
  return (
    <span class="choice">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {choices.map(([choice, name]) => (
          <option key={choice} value={choice}>
            {name}
          </option>
        ))}
      </select>
    </span>
  )
}
