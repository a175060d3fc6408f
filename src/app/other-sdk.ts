/**
 * What is said when the application has an OpenTelemetry SDK of its own: who looks for spans in one of the two would not find them.
 */
import type { SdkListener } from '../context/api-globals.ts'
import { sayOnce } from '../diag/events.ts'

const GOES_THERE =
  "what is traced through the API goes to that SDK, and not to tracelog; requests, their records and tracelog's own spans are in " +
  'one trace with it'

export const sayOtherSdk: SdkListener = {
  onEarlier: (provider) =>
    sayOnce(
      'other-sdk',
      `an OpenTelemetry SDK of the application (${provider}) was started before tracelog: ${GOES_THERE}`,
    ),
  onLater: () =>
    sayOnce('other-sdk', `the application starts an OpenTelemetry SDK of its own after tracelog: ${GOES_THERE}`),
}
