/** The table of every variable that the application reads. */
import { METRICS_SETTINGS } from './metrics-settings.ts'
import { OTEL_SETTINGS } from './otel-settings.ts'
import { OTLP_SETTINGS } from './otlp-settings.ts'
import { RECORDER_SETTINGS } from './recorder-settings.ts'
import type { Setting } from './setting.ts'
import { TRACELOG_SETTINGS } from './tracelog-settings.ts'

export const SETTINGS: readonly Setting[] = [
  ...OTEL_SETTINGS,
  ...OTLP_SETTINGS,
  ...TRACELOG_SETTINGS,
  ...RECORDER_SETTINGS,
  ...METRICS_SETTINGS,
]
