/**
 * What OpenTelemetry's configuration file says, as far as we do it: each section as the variables that mean the same.
 *
 * Source: open-telemetry/opentelemetry-configuration, schema 1.x. What the file leaves out stays as it is without a file.
 */
import { readAttributeList } from '../attribute-list.ts'
import { setField, type AnyValue } from '../../model/any-value.ts'
import { WrongNode, type ConfigNode } from './config-node.ts'
import { nameOfPlace } from './file-settings.ts'
import { readProcessors } from './otel-processors.ts'
import type { SettingsOfFile } from './settings-of-file.ts'

export function readOtelSections(root: ConfigNode, settings: SettingsOfFile): void {
  settings.set('OTEL_SDK_DISABLED', root.child('disabled'))
  readResource(root.child('resource'), settings)
  readPropagator(root.child('propagator'), settings)
  readLimits(root.child('attribute_limits'), GENERAL_LIMITS, settings)
  const tracer = root.child('tracer_provider')
  readLimits(tracer?.child('limits'), SPAN_LIMITS, settings)
  const sampler = tracer?.child('sampler')
  if (sampler !== undefined) settings.attempt(() => readSampler(sampler, settings))
  readProcessors('traces', tracer?.child('processors'), settings)
  readProcessors('logs', root.child('logger_provider')?.child('processors'), settings)
}

const GENERAL_LIMITS = {
  attribute_value_length_limit: 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  attribute_count_limit: 'OTEL_ATTRIBUTE_COUNT_LIMIT',
} as const

const SPAN_LIMITS = {
  attribute_value_length_limit: 'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  attribute_count_limit: 'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT',
  event_count_limit: 'OTEL_SPAN_EVENT_COUNT_LIMIT',
  link_count_limit: 'OTEL_SPAN_LINK_COUNT_LIMIT',
  event_attribute_count_limit: 'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT',
  link_attribute_count_limit: 'OTEL_LINK_ATTRIBUTE_COUNT_LIMIT',
} as const

function readLimits(
  limits: ConfigNode | undefined,
  variables: Readonly<Record<string, string>>,
  settings: SettingsOfFile,
): void {
  for (const [key, name] of Object.entries(variables)) settings.set(name, limits?.child(key))
}

/** Of the attributes and of the list of them; of equal names the attribute counts. */
function readResource(resource: ConfigNode | undefined, settings: SettingsOfFile): void {
  const list = resource?.child('attributes_list')
  if (list !== undefined) settings.attempt(() => readList(list, settings))
  for (const item of settings.attempt(() => resource?.child('attributes')?.items()) ?? []) {
    settings.attempt(() => readAttribute(item, settings))
  }
  resource?.child('schema_url')?.take()
  readDetectors(resource?.child('detection')?.child('detectors'), settings)
}

/** Ours by their names there; `env` is what the environment and the file say themselves. */
const DETECTORS: Readonly<Record<string, string>> = { host: 'host', process: 'process', service: 'serviceinstance' }

function readDetectors(detectors: ConfigNode | undefined, settings: SettingsOfFile): void {
  if (detectors === undefined) return
  const names = ['env']
  for (const item of settings.attempt(() => detectors.items()) ?? []) {
    const [name = ''] =
      settings.attempt(() =>
        item
          .take()
          .entries()
          .map(([key]) => key),
      ) ?? []
    const ours = DETECTORS[name]
    if (ours === undefined) settings.leaveOut(item)
    else names.push(ours)
  }
  settings.put('OTEL_NODE_RESOURCE_DETECTORS', names.join(','), detectors.place)
}

function readList(list: ConfigNode, settings: SettingsOfFile): void {
  const name = nameOfPlace(list.place)
  const listed = settings.attempt(() => readAttributeList({ [name]: list.text() }, name))
  for (const [key, value] of Object.entries(listed ?? {})) setField(settings.resourceAttributes, key, value ?? null)
}

function readAttribute(item: ConfigNode, settings: SettingsOfFile): void {
  const name = item.child('name')?.text()
  if (name === undefined) throw new WrongNode(item, 'a mapping with name and value')
  const type = item.child('type')?.text() ?? 'string'
  const value = item.child('value')
  if (value === undefined) return
  const read = value.isList ? value.items().map((one) => typed(one, type)) : typed(value, type)
  setField(settings.resourceAttributes, name, read)
}

/** Source: the schema's AttributeType. */
function typed(node: ConfigNode, type: string): AnyValue {
  const value = node.scalar()
  const wanted = type.replace(/_array$/, '')
  if (wanted === 'bool' && typeof value === 'boolean') return value
  if (wanted === 'int' && Number.isSafeInteger(value)) return value
  if (wanted === 'double' && typeof value === 'number') return value
  if (wanted === 'string') return node.text() ?? ''
  throw new WrongNode(node, `of the type ${type}`)
}

function readPropagator(propagator: ConfigNode | undefined, settings: SettingsOfFile): void {
  const composite = propagator?.child('composite')
  const list = propagator?.child('composite_list')
  const items = settings.attempt(() => composite?.items()) ?? []
  const named = items.flatMap(
    (item) =>
      settings.attempt(() =>
        item
          .take()
          .entries()
          .map(([name]) => name),
      ) ?? [],
  )
  const listed =
    settings
      .attempt(() => list?.text())
      ?.split(',')
      .map((name) => name.trim()) ?? []
  const names = [...new Set([...named, ...listed])].filter((name) => name !== '')
  const place = (composite ?? list)?.place
  if (names.length > 0 && place !== undefined) settings.put('OTEL_PROPAGATORS', names.join(','), place)
}

const SAMPLERS: Readonly<Record<string, string>> = {
  always_on: 'always_on',
  always_off: 'always_off',
  trace_id_ratio_based: 'traceidratio',
}
/** What the variables' `parentbased_` samplers do. */
const OF_PARENTS: Readonly<Record<string, string>> = {
  remote_parent_sampled: 'always_on',
  remote_parent_not_sampled: 'always_off',
  local_parent_sampled: 'always_on',
  local_parent_not_sampled: 'always_off',
}

function readSampler(sampler: ConfigNode, settings: SettingsOfFile, prefix = ''): void {
  const [[name, node] = [undefined, sampler], ...more] = sampler.entries()
  if (name === undefined || more.length > 0) throw new WrongNode(sampler, 'a mapping with one sampler')
  if (name === 'parent_based' && prefix === '') return readParentBased(node, settings)
  const standard = SAMPLERS[name]
  if (standard === undefined) return settings.leaveOut(sampler)
  settings.put('OTEL_TRACES_SAMPLER', `${prefix}${standard}`, sampler.place)
  settings.set('OTEL_TRACES_SAMPLER_ARG', node.child('ratio'))
  if (node.isNull) node.take()
}

function readParentBased(node: ConfigNode, settings: SettingsOfFile): void {
  const root = node.child('root')
  if (root === undefined) settings.put('OTEL_TRACES_SAMPLER', 'parentbased_always_on', node.place)
  else readSampler(root, settings, 'parentbased_')
  for (const [key, usual] of Object.entries(OF_PARENTS)) {
    const child = node.child(key)
    const names = child?.entries().map(([name]) => name) ?? [usual]
    if (child !== undefined && names.join() !== usual) settings.leaveOut(child)
  }
}
