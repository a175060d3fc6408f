/**
 * Queries to Prometheus that both a panel and an alert rule use.
 *
 * Names as the programs of the stack print them on /metrics (Collector 0.158.0, Loki 3.7.8): the Collector's counters have
 * no `_total`. Some of them are there only after they first happened.
 */

/** Share of the Collector's queue that is full, per destination. 0 to 1. */
export const QUEUE_SHARE =
  'max by (instance, exporter, data_type) (otelcol_exporter_queue_size / otelcol_exporter_queue_capacity)'

/** Refused to senders, who try again: the memory limiter, a full queue. */
export const REFUSED: string = bothSignals('otelcol_receiver_refused', 'instance, receiver')

/** Not even taken into the queue: it is full, or its disk is. */
export const NOT_QUEUED: string = bothSignals('otelcol_exporter_enqueue_failed', 'instance, exporter')

/** Given up, in whole batches: of a batch that Loki refused in part, most are stored. */
export const GIVEN_UP: string = bothSignals('otelcol_exporter_send_failed', 'instance, exporter')

/** What Loki refused, record by record, with its reason: the exact number. */
export const DISCARDED = `sum by (instance, reason) (${withinTenMinutes('loki_discarded_samples_total')})`

/** Of the disk that Loki's write-ahead log is on. 0 to 1, whatever its name says. */
export const LOKI_DISK_SHARE = 'max by (instance) (loki_ingester_wal_disk_usage_percent)'

/** 1 for each program that Prometheus can read from. */
export const IS_UP = 'min by (job, instance) (up)'

/**
 * What a counter gained. `increase` alone never sees the first time: these counters are not there before it, and then
 * they are there with a number that stays.
 */
function withinTenMinutes(counter: string): string {
  return `(increase(${counter}[10m]) > 0) or (${counter} unless ${counter} offset 10m) or ${counter} * 0`
}

/**
 * Of records and of spans. One regular expression for both names would be refused: without their names the two have the
 * same labels.
 */
function bothSignals(counter: string, by: string): string {
  const one = (suffix: string, signal: string): string =>
    `label_replace(sum by (${by}) (${withinTenMinutes(`${counter}_${suffix}`)}), "signal", "${signal}", "", "")`
  return `${one('log_records', 'records')} or ${one('spans', 'spans')}`
}
