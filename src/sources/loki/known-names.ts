/**
 * Which names of Loki stand for which attributes, and of what type were they? Loki keeps text under folded names; what is in this
 * table comes back as it was sent.
 *
 * In the table: every attribute of semconv.ts, so all keys of the flat line and all attributes of ours. Whatever else an
 * application wrote stays text under its folded name.
 */
import type { AnyValue } from '../../model/any-value.ts'
import { ATTRIBUTE_BY_FLAT_KEY, attributeOfKey, FIELD_KEYS, RESOURCE_KEYS } from '../../model/flat-keys.ts'
import * as key from '../../model/semconv.ts'
import { foldKey } from './fold-key.ts'

type Kind = 'text' | 'int' | 'double' | 'bool' | 'list'

const INTS: readonly string[] = [
  key.ATTR_HTTP_RESPONSE_STATUS_CODE,
  key.ATTR_HTTP_RESPONSE_SIZE,
  key.ATTR_HTTP_REQUEST_RESEND_COUNT,
  key.ATTR_SERVER_PORT,
  key.ATTR_NETWORK_PEER_PORT,
  key.ATTR_PROCESS_PID,
  key.ATTR_THREAD_ID,
  key.ATTR_RPC_GRPC_STATUS_CODE,
  key.ATTR_CACHE_READS,
  key.ATTR_CACHE_HITS,
  key.ATTR_DB_CALLS,
  key.ATTR_RETRIES,
  key.ATTR_ATTEMPT,
  key.ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
  key.ATTR_SEQ,
  key.ATTR_DROPPED_COUNT,
  key.ATTR_DROPPED_FIRST_SEQ,
  key.ATTR_DROPPED_LAST_SEQ,
  key.ATTR_DUMP_BUFFERED,
  key.ATTR_DUMP_EVICTED_RECORDS,
  key.ATTR_DUMP_EVICTED_BYTES,
  key.ATTR_DUMP_SUPPRESSED,
  key.ATTR_TASK_LAST,
  key.ATTR_TASK_UNSENT,
]
/** Whole mostly, and not always. */
const NUMBERS: readonly string[] = [key.ATTR_TASK_DONE, key.ATTR_TASK_TOTAL]
const BOOLS: readonly string[] = [
  key.ATTR_CACHE_HIT,
  key.ATTR_ABORTED,
  key.ATTR_BUFFERED,
  key.ATTR_TRUNCATED,
  key.ATTR_DUMP_KEPT,
  key.ATTR_TASK_LATE,
  key.ATTR_TASK_ORPHAN,
]
const LISTS: readonly string[] = [key.ATTR_UPSTREAM_TRIED, key.ATTR_UPSTREAM_STATUSES]

export interface KnownName {
  readonly attribute: string
  readonly kind: Kind
}

const KNOWN: ReadonlyMap<string, KnownName> = new Map(
  Object.entries(key)
    .filter(([name]) => name.startsWith('ATTR_'))
    .map(([, value]) => value as string)
    .map((attribute) => [foldKey(attribute), { attribute, kind: kindOf(attribute) }]),
)

function kindOf(attribute: string): Kind {
  if (key.DOUBLE_KEYS.has(attribute) || NUMBERS.includes(attribute)) return 'double'
  if (INTS.includes(attribute)) return 'int'
  if (BOOLS.includes(attribute)) return 'bool'
  return LISTS.includes(attribute) ? 'list' : 'text'
}

/** @param folded  a name as Loki has it */
export function knownName(folded: string): KnownName | undefined {
  return KNOWN.get(folded) ?? exceptionField(folded)
}

/** An error's own field (`exception.errno`), a field of its cause: the name is ours, what stands in it is the error's. */
function exceptionField(folded: string): KnownName | undefined {
  const [, causes = '', field] = /^exception_((?:cause_)*)(.+)$/.exec(folded) ?? []
  if (field === undefined) return undefined
  return { attribute: `exception.${causes.replaceAll('_', '.')}${field}`, kind: 'text' }
}

/** Attributes of ours with values that nest: Loki takes maps apart, and writes lists of maps as text. */
const NESTED: ReadonlySet<string> = new Set([key.ATTR_EXCEPTION_CAUSE, key.ATTR_EXCEPTION_ERRORS])

/**
 * Whether what stands under this key of a flat line comes back from Loki as it was sent. The others are lossy: text under a folded
 * name, and missing when empty. A list of values is in collector/FIDELITY.md.
 */
export function isExactKey(flatKey: string): boolean {
  if (ATTRIBUTE_BY_FLAT_KEY.has(flatKey) || FIELD_KEYS.has(flatKey)) return true
  const name = attributeOfKey(flatKey)
  return KNOWN.get(foldKey(name))?.attribute === name && !NESTED.has(name)
}

/** What the text stood for. One that is not of its kind stays text. */
export function restoreValue(kind: Kind, text: string): AnyValue {
  switch (kind) {
    case 'int':
      return intOf(text) ?? text
    case 'double':
      return doubleOf(text) ?? text
    case 'bool':
      return text === 'true' || (text === 'false' ? false : text)
    case 'list':
      return listOf(text) ?? text
    default:
      return text
  }
}

function intOf(text: string): number | bigint | undefined {
  if (!/^-?\d{1,19}$/.test(text)) return undefined
  const number = Number(text)
  return Number.isSafeInteger(number) ? number + 0 : BigInt(text)
}

function doubleOf(text: string): number | undefined {
  if (text === 'NaN') return Number.NaN
  const number = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isNaN(number) ? undefined : number
}

function listOf(text: string): AnyValue | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    return JSON.parse(text) as AnyValue
  } catch {
    return undefined
  }
}

/** Of the sender, though Loki mixes them with the record's own: by the names that OpenTelemetry gives to resources alone. */
const RESOURCE_NAMES: ReadonlyMap<string, string> = new Map(
  [
    key.ATTR_SERVICE_NAME,
    ...RESOURCE_KEYS,
    key.ATTR_PROCESS_PID,
    key.ATTR_PROCESS_RUNTIME_NAME,
    key.ATTR_PROCESS_RUNTIME_VERSION,
    'process.runtime.description',
    'process.executable.name',
    'process.executable.path',
    'process.command',
    'process.command_args',
    'process.command_line',
    'process.owner',
    'process.parent_pid',
    key.ATTR_TELEMETRY_SDK_NAME,
    key.ATTR_TELEMETRY_SDK_LANGUAGE,
    key.ATTR_TELEMETRY_SDK_VERSION,
    key.ATTR_TELEMETRY_DISTRO_NAME,
    key.ATTR_TELEMETRY_DISTRO_VERSION,
    'os.type',
    'os.name',
    'os.version',
    'os.description',
    'host.id',
    'host.arch',
    'host.type',
    'deployment.environment',
  ].map((attribute) => [foldKey(attribute), attribute]),
)
/** Put there by the Collector's detectors. */
const RESOURCE_PREFIX = /^(?:k8s|container|cloud|faas)_/

/** The resource attribute that a name of Loki stands for; undefined when it is the record's own. */
export function resourceName(folded: string): string | undefined {
  return RESOURCE_NAMES.get(folded) ?? (RESOURCE_PREFIX.test(folded) ? folded : undefined)
}
