/**
 * The scorecard: what is promised of reliability and security, row by row, and the tests that show each.
 *
 * A row is met when all its tests pass and none is skipped. `left` says which part of the threshold no test shows yet: such a row is
 * counted as half met. Files of this folder are named `NN-short-name.test.ts` and belong to row NN alone; other tests are named
 * below. test/scorecard/rows.test.ts holds the table against the files.
 */

export interface ScorecardRow {
  readonly row: number
  readonly title: string
  /** Below test/, without `.test.ts`: tests of other folders that show the row, besides this folder's files. */
  readonly shownBy: readonly string[]
  /** The part of the threshold that is not shown. */
  readonly left?: string
}

export const ROWS: readonly ScorecardRow[] = [
  {
    row: 1,
    title: 'kill -9 of the application',
    shownBy: ['export/spool/spool', 'export/spool/write-ahead', 'env/spool'],
    left: 'on a busy machine the test allows four batches twice a kill and an age in proportion; 100 kills within the limits were seen with priority on the processor only',
  },
  {
    row: 2,
    title: 'every end of a process',
    shownBy: ['app/last-moments', 'app/process-end', 'app/process-end-spooled'],
  },
  {
    row: 3,
    title: 'ten minutes without an endpoint, with a spool',
    shownBy: ['export/spool/spool'],
    left: 'how late the event loop is meanwhile',
  },
  {
    row: 4,
    title: 'an outage without a spool',
    shownBy: ['export/overflow'],
    left: 'the gap in the page; memory is held to a total',
  },
  {
    row: 5,
    title: 'more than the spool may hold',
    shownBy: ['export/spool/spool-store'],
    left: 'the gap that the backend shows',
  },
  {
    row: 6,
    title: 'answers of the protocol',
    shownBy: [
      'export/protocol-answers',
      'export/transports/grpc',
      'export/transports/grpc-answer',
      'export/transports/grpc-reference-server',
      'export/transports/retry-policy',
      'export/transports/retrying',
      'export/transports/transports',
    ],
  },
  { row: 7, title: 'poison records', shownBy: ['model/otlp-encode'] },
  { row: 8, title: 'bounded time', shownBy: ['export/bounded-time'] },
  {
    row: 9,
    title: 'faults of the worker',
    shownBy: ['export/worker-faults'],
    left: 'how long the main thread stalls meanwhile',
  },
  { row: 10, title: 'no wedge', shownBy: ['export/memory-stage', 'export/lanes'] },
  {
    row: 11,
    title: 'overload',
    shownBy: ['export/overflow'],
    left: "the application's requests at p99 (test/bench/overload.bench.ts prints how late its event loop is); p99.9 of a call is held to 10 ms",
  },
  {
    row: 12,
    title: "faults of the spool's disk",
    shownBy: ['export/spool/spool-store', 'export/spool/write-ahead'],
    left: 'how late the event loop is meanwhile; the disk is a model, and none that is really full',
  },
  { row: 13, title: 'a damaged spool', shownBy: ['segments/frame'], left: 'that a start reads 256 MiB in a second' },
  { row: 14, title: 'loss of power, as a model', shownBy: ['backend/journal/journal-model'] },
  {
    row: 15,
    title: 'many processes',
    shownBy: ['app/child-processes', 'segments/owner'],
    left: 'cluster, threads and two versions on one directory at once',
  },
  {
    row: 16,
    title: 'clocks that jump',
    shownBy: ['clocks', 'diag/clock', 'app/live-levels'],
    left: "retention, which is the backend's; a jump of the system's clock, which the worker would see too",
  },
  {
    row: 18,
    title: 'hostile values of the application',
    shownBy: ['app/hostile-values', 'app/thrown-values'],
    left: 'an object of a million keys: V8 alone takes longer than the row allows to list them',
  },
  {
    row: 24,
    title: 'privacy',
    shownBy: ['app/secrets', 'process/secrets'],
    left: 'the store of tracelog dev is not searched',
  },
]
