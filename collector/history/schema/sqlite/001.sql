-- Times are milliseconds since 1970, UTC. What each table means is said in the comment of the package.

CREATE TABLE meta (
	version       BIGINT NOT NULL, -- of this schema
	oldest_writer BIGINT NOT NULL  -- a program that knows this version, or a later one, may write
);

CREATE TABLE cluster (
	id           INTEGER PRIMARY KEY,
	name         TEXT NOT NULL UNIQUE,
	forgotten_at BIGINT -- NULL: it is still expected to be read
);

CREATE TABLE scope (
	id         INTEGER PRIMARY KEY,
	cluster_id BIGINT NOT NULL REFERENCES cluster,
	text       TEXT NOT NULL, -- the settings that decide what of a namespace is seen
	UNIQUE (cluster_id, text)
);

CREATE TABLE feed (
	id         INTEGER PRIMARY KEY,
	cluster_id BIGINT NOT NULL REFERENCES cluster,
	kind       TEXT NOT NULL, -- of what is seen: image
	selection  TEXT NOT NULL, -- of namespaces
	scope_id   BIGINT NOT NULL REFERENCES scope, -- of the last run
	last_at    BIGINT NOT NULL, -- the last run that saw anything
	read_at    BIGINT NOT NULL, -- when it began to read
	wall_at    BIGINT NOT NULL, -- what its clock said when it was recorded
	whole_at   BIGINT,          -- the last run that read all that is selected, in this scope
	UNIQUE (cluster_id, kind, selection)
);

CREATE TABLE namespace (
	id         INTEGER PRIMARY KEY,
	cluster_id BIGINT NOT NULL REFERENCES cluster,
	name       TEXT NOT NULL,
	UNIQUE (cluster_id, name)
);

CREATE TABLE coverage (
	namespace_id BIGINT NOT NULL REFERENCES namespace,
	feed_id      BIGINT NOT NULL REFERENCES feed,
	scope_id     BIGINT NOT NULL REFERENCES scope,
	first_at     BIGINT NOT NULL,
	last_at      BIGINT, -- NULL: read by every run of the feed since
	PRIMARY KEY (namespace_id, first_at)
) WITHOUT ROWID;

CREATE TABLE run (
	id         INTEGER PRIMARY KEY,
	cluster_id BIGINT NOT NULL REFERENCES cluster,
	feed_id    BIGINT REFERENCES feed, -- NULL: nothing of it was recorded
	at         BIGINT NOT NULL,
	wall_at    BIGINT NOT NULL, -- what the clock said
	read_at    BIGINT NOT NULL, -- when the first page was asked for
	skew       BIGINT NOT NULL, -- how far the clock was ahead of the API server's, in milliseconds
	state      TEXT NOT NULL,   -- complete, incomplete, superseded
	mixed      BIGINT NOT NULL, -- 1: the pods are not of one moment
	exit_code  BIGINT NOT NULL,
	version    TEXT NOT NULL,   -- of the program
	opened     BIGINT NOT NULL,
	closed     BIGINT NOT NULL,
	gaps       TEXT NOT NULL    -- what was not read, as JSON; empty: nothing
);
CREATE INDEX run_at ON run (cluster_id, at);

CREATE TABLE image (
	id          INTEGER PRIMARY KEY,
	digest      TEXT NOT NULL, -- algorithm:hex, or empty
	digest_kind TEXT NOT NULL, -- registry, config, or empty
	name        TEXT NOT NULL, -- canonical, without tag; what was written, where that is no reference
	tag         TEXT NOT NULL,
	UNIQUE (digest, name, tag)
);
CREATE INDEX image_name ON image (name, tag);

CREATE TABLE place (
	id             INTEGER PRIMARY KEY,
	namespace_id   BIGINT NOT NULL REFERENCES namespace,
	workload_kind  TEXT NOT NULL,
	workload       TEXT NOT NULL,
	derived        BIGINT NOT NULL, -- 1: the workload is a pattern that stands for many: build-*
	container_kind TEXT NOT NULL,
	container      TEXT NOT NULL,
	UNIQUE (namespace_id, workload_kind, workload, derived, container_kind, container)
);

CREATE TABLE sighting (
	cluster_id BIGINT NOT NULL REFERENCES cluster,
	place_id   BIGINT NOT NULL REFERENCES place,
	image_id   BIGINT NOT NULL REFERENCES image,
	after_at   BIGINT, -- the last time that the place was looked at and the image was not there; NULL: it never was
	first_at   BIGINT NOT NULL,
	last_at    BIGINT, -- NULL while it is open: see coverage
	gone_at    BIGINT, -- NULL: open
	absences   BIGINT NOT NULL, -- times that it was gone and came back
	why        TEXT NOT NULL,   -- it is closed; empty: it is not
	PRIMARY KEY (place_id, image_id, first_at)
) WITHOUT ROWID;
CREATE INDEX sighting_open ON sighting (cluster_id, place_id, image_id) WHERE gone_at IS NULL;
CREATE INDEX sighting_image ON sighting (image_id, cluster_id);
CREATE INDEX sighting_first ON sighting (cluster_id, first_at);
CREATE INDEX sighting_gone ON sighting (cluster_id, gone_at);

INSERT INTO meta (version, oldest_writer) VALUES (1, 1);
