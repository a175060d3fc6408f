/**
 * `key=value,key=value`, both percent-decoded: OTEL_RESOURCE_ATTRIBUTES, and the list of a configuration file.
 *
 * Source: OpenTelemetry specification, "Resource SDK": a wrong one discards all.
 */
import type { Attributes } from '../model/any-value.ts'
import { invalid, readList, type Env } from './env.ts'

/** @throws TRACELOG_CONFIG_INVALID */
export function readAttributeList(env: Env, name: string): Attributes | undefined {
  const items = readList(env, name)
  return (
    items &&
    Object.fromEntries(
      items.map((item) => {
        const at = item.indexOf('=')
        const key = percentDecoded(item.slice(0, Math.max(at, 0)).trim())
        const value = percentDecoded(item.slice(at + 1).trim())
        if (key === undefined || key === '' || value === undefined) {
          throw invalid(name, item, 'a comma list of key=value pairs, percent-encoded where needed')
        }
        return [key, value]
      }),
    )
  )
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
