/**
 * Hides the values under some keys, at any depth: `card.holder` is the key of that name, and `holder` below `card`. In any case.
 *
 * What holds nothing to hide is returned as it came.
 */
import type { AnyValue, Attributes } from '../../model/any-value.ts'

/** Of the keys above one, as much as a rule's key may name. Characters. */
const MAX_ABOVE = 1_024

export const HIDDEN = '[redacted]'

export type IsHidden = (path: string) => boolean

/** @param keys  as the rule names them */
export function hiddenKeys(keys: readonly string[]): IsHidden {
  const wanted = keys.map((key) => key.toLowerCase())
  return (path) => {
    const lower = path.toLowerCase()
    return wanted.some(
      (key) => lower.endsWith(key) && (lower.length === key.length || lower.at(-key.length - 1) === '.'),
    )
  }
}

export function hideInAttributes(attributes: Attributes, isHidden: IsHidden): Attributes {
  return hideInMap(attributes, '', isHidden)
}

/** @param path  of the value itself, `''` for one without a key */
export function hideInValue(value: AnyValue, path: string, isHidden: IsHidden): AnyValue {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (!Array.isArray(value)) return hideInMap(value as Attributes, path, isHidden)
  const items = value as readonly AnyValue[]
  const hidden = items.map((item) => hideInValue(item, path, isHidden))
  return hidden.every((item, index) => item === items[index]) ? value : hidden
}

function hideInMap(map: Attributes, above: string, isHidden: IsHidden): Attributes {
  let changed: Record<string, AnyValue | undefined> | undefined
  for (const [key, value] of Object.entries(map)) {
    if (value === undefined) continue
    const path = above === '' ? key : `${above.slice(-MAX_ABOVE)}.${key}`
    const kept = isHidden(path) ? HIDDEN : hideInValue(value, path, isHidden)
    if (kept !== value) (changed ??= { ...map })[key] = kept
  }
  return changed ?? map
}
