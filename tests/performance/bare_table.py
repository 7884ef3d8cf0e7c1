"""The one table of the reference site, named where no Django is loaded."""

CREATE = "CREATE TABLE bare_event (id text PRIMARY KEY, payload jsonb NOT NULL)"
INSERT = "INSERT INTO bare_event (id, payload) VALUES (%s, %s) ON CONFLICT DO NOTHING"
