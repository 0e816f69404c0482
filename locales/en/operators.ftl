### Words of operators: notices, planned work, their page, the monthly report.

## The reference page

api-changes = Changes
api-changes-text = What changes something needs a token of the operator: stillup token add NAME --may notices,planned. Every change is in the audit, with the name of the token. For half an hour of planned work from now on:
api-permission = Permission
api-else-calendar = Planned work as a calendar (iCalendar); also for one site
api-of-listNotices = Notices
api-of-getNotice = One notice
api-of-listPlanned = Planned work
api-of-getPlanned = One piece of planned work
api-of-openNotice = Open a notice
api-of-updateNotice = Update a notice
api-of-announcePlanned = Announce planned work
api-of-cancelPlanned = Cancel planned work
api-of-putSite = Add or change a site
api-of-removeSite = Remove a site
api-of-checkSite = Check a site now
