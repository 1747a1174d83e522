-- Times are milliseconds since 1970, UTC. What each table means is said in the comment of the package.

CREATE TABLE meta (
	version       BIGINT NOT NULL, -- of this schema
	oldest_writer BIGINT NOT NULL  -- a program that knows this version, or a later one, may write
);

CREATE TABLE cluster (
	id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name         TEXT COLLATE "C" NOT NULL UNIQUE,
	forgotten_at BIGINT -- NULL: it is still expected to be read
);

CREATE TABLE scope (
	id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	cluster_id BIGINT NOT NULL REFERENCES cluster,
	text       TEXT COLLATE "C" NOT NULL, -- the settings that decide what of a namespace is seen
	UNIQUE (cluster_id, text)
);

CREATE TABLE feed (
	id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	cluster_id BIGINT NOT NULL REFERENCES cluster,
	kind       TEXT COLLATE "C" NOT NULL, -- of what is seen: image
	selection  TEXT COLLATE "C" NOT NULL, -- of namespaces
	scope_id   BIGINT NOT NULL REFERENCES scope, -- of the last run
	last_at    BIGINT NOT NULL, -- the last run that saw anything
	read_at    BIGINT NOT NULL, -- when it began to read
	wall_at    BIGINT NOT NULL, -- what its clock said when it was recorded
	whole_at   BIGINT,          -- the last run that read all that is selected, in this scope
	UNIQUE (cluster_id, kind, selection)
);

CREATE TABLE namespace (
	id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	cluster_id BIGINT NOT NULL REFERENCES cluster,
	name       TEXT COLLATE "C" NOT NULL,
	UNIQUE (cluster_id, name)
);

CREATE TABLE coverage (
	namespace_id BIGINT NOT NULL REFERENCES namespace,
	feed_id      BIGINT NOT NULL REFERENCES feed,
	scope_id     BIGINT NOT NULL REFERENCES scope,
	first_at     BIGINT NOT NULL,
	last_at      BIGINT, -- NULL: read by every run of the feed since
	PRIMARY KEY (namespace_id, first_at)
);

CREATE TABLE run (
	id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	cluster_id BIGINT NOT NULL REFERENCES cluster,
	feed_id    BIGINT REFERENCES feed, -- NULL: nothing of it was recorded
	at         BIGINT NOT NULL,
	wall_at    BIGINT NOT NULL, -- what the clock said
	read_at    BIGINT NOT NULL, -- when the first page was asked for
	skew       BIGINT NOT NULL, -- how far the clock was ahead of the API server's, in milliseconds
	state      TEXT COLLATE "C" NOT NULL,   -- complete, incomplete, superseded
	mixed      BIGINT NOT NULL, -- 1: the pods are not of one moment
	exit_code  BIGINT NOT NULL,
	version    TEXT COLLATE "C" NOT NULL,   -- of the program
	opened     BIGINT NOT NULL,
	closed     BIGINT NOT NULL,
	gaps       TEXT COLLATE "C" NOT NULL    -- what was not read, as JSON; empty: nothing
);
CREATE INDEX run_at ON run (cluster_id, at);

CREATE TABLE image (
	id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	digest      TEXT COLLATE "C" NOT NULL, -- algorithm:hex, or empty
	digest_kind TEXT COLLATE "C" NOT NULL, -- registry, config, or empty
	name        TEXT COLLATE "C" NOT NULL, -- canonical, without tag; what was written, where that is no reference
	tag         TEXT COLLATE "C" NOT NULL,
	UNIQUE (digest, name, tag)
);
CREATE INDEX image_name ON image (name, tag);

CREATE TABLE place (
	id             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	namespace_id   BIGINT NOT NULL REFERENCES namespace,
	workload_kind  TEXT COLLATE "C" NOT NULL,
	workload       TEXT COLLATE "C" NOT NULL,
	derived        BIGINT NOT NULL, -- 1: the workload is a pattern that stands for many: build-*
	container_kind TEXT COLLATE "C" NOT NULL,
	container      TEXT COLLATE "C" NOT NULL,
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
	why        TEXT COLLATE "C" NOT NULL,   -- it is closed; empty: it is not
	PRIMARY KEY (place_id, image_id, first_at)
);
CREATE INDEX sighting_open ON sighting (cluster_id, place_id, image_id) WHERE gone_at IS NULL;
CREATE INDEX sighting_image ON sighting (image_id, cluster_id);
CREATE INDEX sighting_first ON sighting (cluster_id, first_at);
CREATE INDEX sighting_gone ON sighting (cluster_id, gone_at);

INSERT INTO meta (version, oldest_writer) VALUES (1, 1);
