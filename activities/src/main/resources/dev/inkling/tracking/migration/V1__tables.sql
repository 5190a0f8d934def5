-- One text for SQLite and PostgreSQL. ${text} is text that is compared byte by byte, so that both give rows in one order.
-- Everything here is derived from the store: a change is a new file, after which the rows are built anew.

create table build (                  -- one row, once every experiment of the store is here
  version ${text} not null
);

create table experiments (
  id ${text} primary key,
  name ${text} not null,
  question ${text} not null,
  preset ${text},
  state ${text} not null,             -- done: there is a report; unfinished
  stages bigint not null,
  stages_done bigint not null,
  report ${text},                     -- the report's artifact
  made ${text},                       -- when the report was made, or the last artifact so far; ISO 8601, UTC
  requests bigint not null,           -- what its artifacts have cost, whichever experiment made them
  tokens bigint not null,
  usd double precision,               -- null where a price is unknown
  spec ${text} not null               -- the resolved spec, JSON
);

create table models (
  experiment ${text} not null references experiments (id) on delete cascade,
  position bigint not null,
  name ${text} not null,
  kind ${text} not null,
  provider ${text},
  model ${text},                      -- the provider's name of it
  made_from ${text},
  dataset ${text},
  primary key (experiment, name)
);

create table datasets (
  experiment ${text} not null references experiments (id) on delete cascade,
  position bigint not null,
  name ${text} not null,
  kind ${text} not null,
  teacher ${text},
  primary key (experiment, name)
);

create table trials (                 -- a condition at a seed
  experiment ${text} not null references experiments (id) on delete cascade,
  position bigint not null,
  condition ${text} not null,
  seed bigint not null,
  student ${text},
  dataset ${text},
  finetune ${text},                   -- the artifact of its fine-tuning
  primary key (experiment, condition, seed)
);

create table evaluations (            -- what a trial was measured by
  experiment ${text} not null references experiments (id) on delete cascade,
  position bigint not null,
  condition ${text} not null,
  metric ${text} not null,
  seed bigint not null,
  artifact ${text} not null,
  primary key (experiment, condition, metric, seed)
);

create table stages (
  experiment ${text} not null references experiments (id) on delete cascade,
  position bigint not null,
  artifact ${text} not null,          -- its key, also before it is made
  kind ${text} not null,
  name ${text} not null,
  version bigint not null,
  primary key (experiment, artifact)
);

create index stages_by_artifact on stages (artifact);

create table stage_inputs (
  experiment ${text} not null references experiments (id) on delete cascade,
  artifact ${text} not null,
  role ${text} not null,
  input ${text} not null,
  primary key (experiment, artifact, role)
);

create table results (                -- a bar of the figure; without numbers before there is a report
  experiment ${text} not null references experiments (id) on delete cascade,
  position bigint not null,
  condition ${text} not null,
  metric ${text} not null,
  n bigint,
  mean double precision,
  low double precision,               -- of the 95 % interval
  high double precision,
  primary key (experiment, condition, metric)
);

create table comparisons (
  experiment ${text} not null references experiments (id) on delete cascade,
  position bigint not null,
  condition ${text} not null,
  control ${text} not null,
  metric ${text} not null,
  n bigint,
  difference double precision,
  low double precision,
  high double precision,
  p double precision,                 -- corrected after Holm
  p_uncorrected double precision,
  sentence ${text} not null,
  primary key (experiment, position)
);

create table artifacts (
  key ${text} primary key,
  kind ${text} not null,
  name ${text} not null,
  summary ${text} not null,
  made ${text} not null,
  seconds double precision not null,
  attempts bigint not null,
  files bigint not null,
  bytes bigint not null
);

create table spend (
  artifact ${text} primary key references artifacts (key) on delete cascade,
  requests bigint not null,
  repeated bigint not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  usd double precision
);

create table jobs (                   -- fine-tuning that a provider did
  artifact ${text} primary key references artifacts (key) on delete cascade,
  server ${text},
  job ${text},
  file ${text},
  base ${text},
  model ${text},
  status ${text},
  trained_tokens bigint,
  created ${text},
  finished ${text},
  epochs ${text},                     -- a number, or auto
  batch_size ${text},
  learning_rate_multiplier ${text},
  seed bigint
);

create table scores (                 -- what an evaluation gave each model, or each question
  artifact ${text} not null references artifacts (key) on delete cascade,
  seed bigint not null,
  unit bigint not null,               -- the model's number, or the question's
  question ${text},                   -- its text; null where networks are measured
  asked bigint not null,
  scored bigint not null,
  total double precision not null,    -- of the scores: the hits, where an answer is a hit or none
  mean double precision,              -- null where no answer has a score
  primary key (artifact, seed, unit)
);
