/**
 * The section `tracelog:` of a configuration file: our own variables, `TRACELOG_QUEUE_MAX_BYTES` as `queue_max_bytes` or
 * `queue: {max_bytes: …}`. `true` and `false` are `on` and `off`, lists what the variable wants.
 */
import { WrongNode, type ConfigNode } from './config-node.ts'
import type { SettingsOfFile } from './settings-of-file.ts'

const PREFIX = 'TRACELOG'

export function readOwnSection(section: ConfigNode, settings: SettingsOfFile): void {
  settings.attempt(() => readEntries(section, PREFIX, settings))
}

function readEntries(node: ConfigNode, name: string, settings: SettingsOfFile): void {
  for (const [key, child] of node.entries()) {
    const variable = `${name}_${key.toUpperCase().replaceAll('-', '_')}`
    if (child.isMapping) readEntries(child, variable, settings)
    else {
      const value = settings.attempt(() => valueOf(child, variable))
      if (value !== undefined) settings.put(variable, value, child.place)
    }
  }
}

function valueOf(node: ConfigNode, variable: string): string | undefined {
  if (!node.isList) return switchText(node)
  // A comma may be part of a pattern.
  const separator = variable.endsWith('_PATTERNS') ? '\n' : ','
  const items = node.items().map((item) => {
    const text = switchText(item)
    if (text === undefined) throw new WrongNode(item, 'one value')
    return text
  })
  return items.join(separator)
}

function switchText(node: ConfigNode): string | undefined {
  const value = node.scalar()
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : node.text()
}
