/** Which tools there are, in the order in which they are listed. */
import type { Tool } from '../tool.ts'
import { compareTool } from './compare.ts'
import { countTool } from './count.ts'
import { describeRequestTool } from './describe-request.ts'
import { fieldsTool } from './fields.ts'
import { logsTool } from './logs.ts'
import { overviewTool } from './overview.ts'
import { patternsTool } from './patterns.ts'
import { requestsTool } from './requests.ts'
import { waitForTool } from './wait-for.ts'

export const ALL_TOOLS: readonly Tool[] = [
  overviewTool,
  requestsTool,
  describeRequestTool,
  compareTool,
  logsTool,
  patternsTool,
  fieldsTool,
  countTool,
  waitForTool,
]
