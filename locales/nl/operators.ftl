### Woorden van beheerders: berichten, gepland werk, hun pagina, het maandrapport.

## De pagina over de API

api-changes = Wijzigingen
api-changes-text = Wie iets wijzigt, heeft een token van de beheerder nodig: stillup token add NAAM --may notices,planned. Elke wijziging staat in het logboek, met de naam van het token. Een half uur gepland werk vanaf nu:
api-permission = Recht
api-else-calendar = Gepland werk als agenda (iCalendar); ook voor één site
api-of-listNotices = Berichten
api-of-getNotice = Eén bericht
api-of-listPlanned = Gepland werk
api-of-getPlanned = Eén stuk gepland werk
api-of-openNotice = Een bericht plaatsen
api-of-updateNotice = Een bericht bijwerken
api-of-announcePlanned = Werk aankondigen
api-of-cancelPlanned = Gepland werk afzeggen
api-of-putSite = Een site toevoegen of wijzigen
api-of-removeSite = Een site verwijderen
api-of-checkSite = Een site nu controleren
