/** How long the outages of these tests last. */

/** Above the 30 s that an exporter waits at most between two attempts. TRACELOG_TEST_OUTAGE_SECONDS; default 60. */
export const OUTAGE_SECONDS: number = Number(process.env['TRACELOG_TEST_OUTAGE_SECONDS'] ?? '60')

/** Where a minute would prove no more: still longer than the first attempts (after 1, 2, 4 and 8 s). A third of the others. */
export const SHORT_OUTAGE_SECONDS: number = Math.round(OUTAGE_SECONDS / 3)
