/**
 * The scope of a named logger: the same object for the same name, so that its bytes are made once.
 */
import type { InstrumentationScope } from '../../model/log-record.ts'

/** Names may be made per request; beyond this many, scopes are not reused. */
const MAX_SCOPES = 1000

/** @param version  the library's; known once it is loaded */
export function createLoggerScopes(version: () => string): (name: string) => InstrumentationScope {
  const scopes = new Map<string, InstrumentationScope>()
  return (name) => {
    let scope = scopes.get(name)
    if (scope === undefined) {
      scope = { name, version: version() }
      if (scopes.size < MAX_SCOPES) scopes.set(name, scope)
    }
    return scope
  }
}
