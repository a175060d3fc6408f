/** The variables of the flight recorder. */
import { FROM_ONE, ANY_COUNT, ON_OFF, type Setting } from './setting.ts'

const LEVEL_RULE = 'a level name or a number from 1 to 24'
const SEEN_IN = 'env/recorder.test.ts'

export const RECORDER_SETTINGS: readonly Setting[] = [
  {
    name: 'TRACELOG_RECORDER',
    of: ({ recorder }) => recorder && { hasBudget: recorder.hasBudget },
    values: [
      [undefined, { hasBudget: true }],
      ['auto', { hasBudget: true }],
      ['on', { hasBudget: false }],
      ['off', undefined],
    ],
    wrong: ['yes', 'one of auto, on, off'],
    seenIn: SEEN_IN,
  },
  {
    name: 'TRACELOG_RECORDER_LEVEL',
    of: ({ recorder }) => recorder?.keepFrom,
    values: [
      [undefined, 1],
      ['debug', 5],
      ['12', 12],
    ],
    wrong: ['off', LEVEL_RULE],
    seenIn: SEEN_IN,
  },
  {
    name: 'TRACELOG_RECORDER_DUMP_LEVEL',
    of: ({ recorder }) => recorder?.dumpFrom,
    values: [
      [undefined, 17],
      ['warn', 13],
      ['off', 25],
    ],
    wrong: ['loud', `${LEVEL_RULE}, or off`],
    seenIn: SEEN_IN,
  },
  {
    name: 'TRACELOG_RECORDER_DUMP_STATUS',
    of: ({ recorder }) => recorder?.dumpStatuses,
    values: [
      [undefined, [{ from: 500, to: 599 }]],
      [
        '502-504,429',
        [
          { from: 502, to: 504 },
          { from: 429, to: 429 },
        ],
      ],
    ],
    wrong: ['504-502', 'a comma list of statuses and ranges, as 500-599,429'],
    seenIn: SEEN_IN,
  },
  {
    name: 'TRACELOG_RECORDER_SLOW_MS',
    of: ({ recorder }) => recorder?.slowMillis,
    values: [
      [undefined, undefined],
      ['250', 250],
    ],
    wrong: ['fast', FROM_ONE],
    seenIn: SEEN_IN,
  },
  {
    name: 'TRACELOG_RECORDER_ABORT',
    of: ({ recorder }) => recorder?.dumpsAborted,
    values: [
      [undefined, false],
      ['on', true],
    ],
    wrong: ['yes', ON_OFF],
    seenIn: SEEN_IN,
  },
  {
    name: 'TRACELOG_RECORDER_RATIO',
    of: ({ recorder }) => recorder?.ratio,
    values: [
      [undefined, 0],
      ['0.01', 0.01],
    ],
    wrong: ['2', 'a number from 0 to 1'],
    seenIn: SEEN_IN,
  },
  {
    name: 'TRACELOG_RECORDER_LINGER_MS',
    of: ({ recorder }) => recorder?.lingerMillis,
    values: [
      [undefined, 2_000],
      ['0', 0],
    ],
    wrong: ['2s', ANY_COUNT],
    seenIn: SEEN_IN,
  },
  {
    name: 'TRACELOG_RECORDER_MAX_BYTES',
    of: ({ recorder }) => recorder?.maxBytes,
    values: [
      [undefined, 33_554_432],
      ['1000000', 1_000_000],
    ],
    wrong: ['1MB', ANY_COUNT.replace('from 0', 'from 65536')],
    seenIn: SEEN_IN,
  },
  {
    name: 'TRACELOG_RECORDER_UNIT_MAX_BYTES',
    of: ({ recorder }) => recorder?.unitMaxBytes,
    values: [
      [undefined, 524_288],
      ['65536', 65_536],
    ],
    wrong: ['1', ANY_COUNT.replace('from 0', 'from 65536')],
    seenIn: SEEN_IN,
  },
  {
    name: 'TRACELOG_RECORDER_UNIT_MAX_RECORDS',
    of: ({ recorder }) => recorder?.unitMaxRecords,
    values: [
      [undefined, 1_000],
      ['10', 10],
    ],
    wrong: ['0', FROM_ONE],
    seenIn: SEEN_IN,
  },
]
