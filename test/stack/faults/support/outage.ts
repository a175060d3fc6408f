/** How long the outages of these tests last. */

/** Above the 30 s that an exporter waits at most between two attempts. TRACELOG_TEST_OUTAGE_SECONDS; default 60. */
export const OUTAGE_SECONDS: number = Number(process.env['TRACELOG_TEST_OUTAGE_SECONDS'] ?? '60')
