/**
 * What the application says to whoever made the call: a record like others, which may be returned to them.
 */
import { safely } from '../diag/guarded.ts'
import type { Attributes } from '../model/any-value.ts'
import { toAttributes } from '../model/js-value.ts'
import type { InstrumentationScope } from '../model/log-record.ts'
import { ATTR_VISIBILITY } from '../model/semconv.ts'
import { SEVERITY_INFO } from '../model/severity.ts'
import type { RecordEmitter } from '../record/record-emitter.ts'

const CALLER_SCOPE: InstrumentationScope = { name: 'tracelog.caller', version: '' }

export function createTellCaller(records: RecordEmitter): (message: string, attributes?: Attributes) => void {
  return (message, attributes) => {
    safely('tellCaller', () => {
      const verdict = records.judge(SEVERITY_INFO, CALLER_SCOPE.name)
      if (verdict === 'drop') return
      const told = typeof attributes === 'object' && attributes !== null ? toAttributes(attributes) : {}
      const marked = { ...told, [ATTR_VISIBILITY]: 'caller' }
      records.emit({ severityNumber: SEVERITY_INFO, body: message, attributes: marked }, CALLER_SCOPE, verdict)
    })
  }
}
