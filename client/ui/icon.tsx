import check from "./icons/check.svg?raw"
import chevronDown from "./icons/chevron-down.svg?raw"
import chevronUp from "./icons/chevron-up.svg?raw"
import circleHelp from "./icons/circle-question-mark.svg?raw"
import download from "./icons/download.svg?raw"
import eye from "./icons/eye.svg?raw"
import history from "./icons/history.svg?raw"
import menu from "./icons/menu.svg?raw"
import messageSquare from "./icons/message-square.svg?raw"
import pencil from "./icons/pencil.svg?raw"
import pilcrow from "./icons/pilcrow.svg?raw"
import plus from "./icons/plus.svg?raw"
import scroll from "./icons/scroll-text.svg?raw"
import triangleAlert from "./icons/triangle-alert.svg?raw"
import upload from "./icons/upload.svg?raw"
import x from "./icons/x.svg?raw"

const icons = {
  check,
  chevronDown,
  chevronUp,
  circleHelp,
  download,
  eye,
  history,
  menu,
  messageSquare,
  pencil,
  pilcrow,
  plus,
  scroll,
  triangleAlert,
  upload,
  x,
} as const

/** A drawn sign; always beside words, or in a control that has a label. */
export const Icon = ({ name }: { name: keyof typeof icons }) => (
  <span class="icon" aria-hidden="true" dangerouslySetInnerHTML={{ __html: icons[name] }} />
)
