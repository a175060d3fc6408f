/**
 * Which views there are. A view is a row here and a folder of its own; the shell knows nothing else of it.
 */
import { compareView } from './compare/view.tsx'
import { errorsView } from './errors/view.tsx'
import { logsView } from './logs/view.tsx'
import { mapView } from './map/view.tsx'
import { requestView } from './request/view.tsx'
import { requestsView } from './requests/view.tsx'
import { runsView } from './runs/view.tsx'
import { tasksView } from './tasks/view.tsx'
import type { View } from './view.ts'

/** Those with a name have the keys 1, 2, 3 in this order, but for those with a key of their own. */
export const VIEWS: readonly View[] = [
  requestsView,
  logsView,
  tasksView,
  errorsView,
  mapView,
  requestView,
  compareView,
  runsView,
]
