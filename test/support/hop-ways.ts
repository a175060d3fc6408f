/**
 * The same inbound request twice: as a hop of the general way, and as one that templates may write. What leaves the process is
 * decoded from the bytes.
 */
import { HopTemplates } from '../../src/capture/http/hop-template.ts'
import { beginPlainHop } from '../../src/capture/http/begin-plain-hop.ts'
import { beginServerHop } from '../../src/capture/http/begin-server-hop.ts'
import type { HopOptions } from '../../src/capture/hop/hop-options.ts'
import type { RequestTarget } from '../../src/capture/http/request-target.ts'
import type { InboundRequest, PeerSocket } from '../../src/capture/http/server-attributes.ts'
import type { ServerHop } from '../../src/capture/http/server-hop.ts'
import type { RedactorOptions } from '../../src/process/redactor.ts'
import { encodedKit, type Left } from './encoded-kit.ts'

export type { Left } from './encoded-kit.ts'

export interface Inbound {
  readonly request: InboundRequest
  readonly target: RequestTarget
  readonly socket: PeerSocket
}

export interface HopWay {
  begin(inbound: Inbound): ServerHop
  /** What was written since it was asked last. */
  take(): Left
}

export interface HopWays {
  readonly general: HopWay
  readonly fast: HopWay
  /** How many spans and records went straight to bytes. */
  readonly straight: () => number
}

export function hopWays(redaction: RedactorOptions = {}, settings: Partial<HopOptions> = {}): HopWays {
  const wayOf = (isFast: boolean): HopWay & { straight(): number } => {
    const kit = encodedKit(isFast, redaction)
    const options: HopOptions = { ...kit.options, ...settings }
    const templates = HopTemplates.for(options)
    return {
      begin: (inbound) =>
        (templates === undefined ? undefined : beginPlainHop(templates, inbound)) ?? beginServerHop(options, inbound),
      take: () => kit.take(),
      straight: () => kit.straight(),
    }
  }
  const [general, fast] = [wayOf(false), wayOf(true)]
  return { general, fast, straight: () => fast.straight() }
}
