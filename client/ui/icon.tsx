import check from "lucide-static/icons/check.svg?raw"
import chevronDown from "lucide-static/icons/chevron-down.svg?raw"
import chevronUp from "lucide-static/icons/chevron-up.svg?raw"
import circleHelp from "lucide-static/icons/circle-question-mark.svg?raw"
import download from "lucide-static/icons/download.svg?raw"
import eye from "lucide-static/icons/eye.svg?raw"
import history from "lucide-static/icons/history.svg?raw"
import menu from "lucide-static/icons/menu.svg?raw"
import messageSquare from "lucide-static/icons/message-square.svg?raw"
import pencil from "lucide-static/icons/pencil.svg?raw"
import pilcrow from "lucide-static/icons/pilcrow.svg?raw"
import plus from "lucide-static/icons/plus.svg?raw"
import scroll from "lucide-static/icons/scroll-text.svg?raw"
import triangleAlert from "lucide-static/icons/triangle-alert.svg?raw"
import upload from "lucide-static/icons/upload.svg?raw"
import x from "lucide-static/icons/x.svg?raw"

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
