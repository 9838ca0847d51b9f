import type { MeetingHere } from "../meeting/meeting.ts"

/** One is signed in no longer: why, over the page, which stays as it was so that nothing on it is lost. */
export function Ended({ meeting }: { meeting: MeetingHere }) {
  const sentence = meeting.ended.value
  if (sentence === "") return null
  return (
    <div class="ended" role="alert">
      <p>
        <b>{sentence}</b> What you see is as it was; nothing more is sent from this page.
      </p>
      <a class="button" href="/">
        Open again
      </a>
    </div>
  )
}
