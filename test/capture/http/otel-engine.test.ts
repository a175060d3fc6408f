/** The reference engine, with what it cannot do. */
import { httpEngineContract } from '../../contract/http-engine.contract.ts'

httpEngineContract('otel', {
  upgrades: 'instrumentation-http looks at the event `request` only',
  'no frames in stacks': 'it wraps Server.prototype.emit',
})
