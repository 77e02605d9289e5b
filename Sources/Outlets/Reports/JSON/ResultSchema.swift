/// The published shape of a JSON report. A change that a reader could notice gets a new number, here and in
/// `RunResult.currentSchema`.
package enum ResultSchema {
    package static let id = "urn:lifeboat:schema:result:1"

    /// JSON Schema, draft 2020-12.
    package static let text = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "$id": "urn:lifeboat:schema:result:1",
          "title": "Result of a Lifeboat run or drill",
          "description": "Times are RFC 3339 in UTC, durations are seconds. What was not known is left out.",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "schema", "run", "kind", "name", "title", "outcome", "exitCode", "rehearsal", "startedAt", "endedAt", "tookSeconds",
            "interruptions", "objectives", "backups", "sets", "passedOver", "environment", "parts", "checks", "notExercised", "notices", "next", "evidence"
          ],
          "properties": {
            "schema": {"const": "lifeboat.result/1"},
            "run": {"type": "string", "description": "The run's id."},
            "kind": {"enum": ["drill", "run"]},
            "name": {"type": "string", "description": "Name of the drill or runbook."},
            "title": {"type": "string"},
            "outcome": {"$ref": "#/$defs/outcome"},
            "exitCode": {"type": "integer", "minimum": 0, "maximum": 255},
            "rehearsal": {"type": "boolean", "description": "Rests on a stand-in of an engine: not evidence."},
            "startedAt": {"$ref": "#/$defs/time"},
            "endedAt": {"$ref": "#/$defs/time"},
            "tookSeconds": {"$ref": "#/$defs/seconds", "description": "Without the time between an interruption and its resume."},
            "interruptions": {
              "type": "array",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["from", "to"],
                "properties": {"from": {"$ref": "#/$defs/time"}, "to": {"$ref": "#/$defs/time"}}
              }
            },
            "objectives": {"$ref": "#/$defs/objectives"},
            "backups": {"type": "array", "items": {"$ref": "#/$defs/backup"}},
            "sets": {
              "description": "The recovery sets of several targets that the backups come from.",
              "type": "array",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["id", "targets", "recoveryPoint", "spreadSeconds", "complete"],
                "properties": {
                  "id": {"type": "string"},
                  "targets": {"type": "array", "items": {"type": "string"}},
                  "recoveryPoint": {"$ref": "#/$defs/time", "description": "The oldest of the members'."},
                  "spreadSeconds": {"$ref": "#/$defs/seconds", "description": "From the oldest recovery point to the newest."},
                  "complete": {"type": "boolean"}
                }
              }
            },
            "passedOver": {
              "description": "Backups that would have been taken, or counted as the newest, had they been usable.",
              "type": "array",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["id", "kind", "why"],
                "properties": {
                  "id": {"type": "string"},
                  "kind": {"enum": ["unfinished", "damaged", "incomplete", "marked", "absent"]},
                  "why": {"type": "string"}
                }
              }
            },
            "environment": {"$ref": "#/$defs/environment"},
            "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}},
            "checks": {
              "description": "How many comparisons held, differed or could not be made, and how many single ones stand behind them.",
              "type": "object",
              "additionalProperties": false,
              "required": ["held", "differed", "undetermined", "compared"],
              "properties": {
                "held": {"$ref": "#/$defs/count"},
                "differed": {"$ref": "#/$defs/count"},
                "undetermined": {"$ref": "#/$defs/count"},
                "compared": {"$ref": "#/$defs/count"}
              }
            },
            "notExercised": {
              "type": "array",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["what", "why"],
                "properties": {"what": {"type": "string"}, "why": {"type": "string"}}
              }
            },
            "notices": {"type": "array", "items": {"type": "string"}},
            "failure": {"$ref": "#/$defs/failure"},
            "failedStep": {"type": "string", "description": "Path of the step the failure arose in."},
            "next": {
              "description": "What a person can do now, most useful first.",
              "type": "array",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["purpose", "command"],
                "properties": {"purpose": {"type": "string"}, "command": {"type": "string"}}
              }
            },
            "evidence": {"$ref": "#/$defs/evidence"}
          },
          "$defs": {
            "time": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$"},
            "seconds": {"type": "number", "minimum": 0},
            "count": {"type": "integer", "minimum": 0},
            "failureKind": {
              "enum": [
                "unreachable", "engine", "tool-missing", "timed-out", "credentials", "store-unavailable", "environment-unavailable",
                "not-found", "local-storage", "journal", "lock-held", "document", "configuration", "usage", "damaged", "unfit", "differs", "refused",
                "declined", "application", "bug"
              ]
            },
            "stepStatus": {"enum": ["passed", "failed", "broke", "skipped", "paused", "interrupted", "not-reached"]},
            "outcome": {
              "oneOf": [
                {
                  "type": "object",
                  "additionalProperties": false,
                  "required": ["word"],
                  "properties": {"word": {"enum": ["passed", "failed", "paused", "not-verified", "objective-missed", "incomplete"]}}
                },
                {
                  "type": "object",
                  "additionalProperties": false,
                  "required": ["word", "kind"],
                  "properties": {"word": {"const": "broke"}, "kind": {"$ref": "#/$defs/failureKind"}}
                },
                {
                  "type": "object",
                  "additionalProperties": false,
                  "required": ["word", "signal"],
                  "properties": {"word": {"const": "interrupted"}, "signal": {"enum": [2, 15]}}
                }
              ]
            },
            "failure": {
              "type": "object",
              "additionalProperties": false,
              "required": ["kind", "problem", "causes"],
              "properties": {
                "kind": {"$ref": "#/$defs/failureKind"},
                "problem": {"type": "string", "description": "What was attempted."},
                "causes": {"type": "array", "items": {"type": "string"}, "description": "Why it failed, outermost first."},
                "hint": {"type": "string", "description": "What to do next."}
              }
            },
            "phaseTimes": {
              "type": "array",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["phase", "seconds"],
                "properties": {
                  "phase": {
                    "enum": ["provision", "prove", "fetch", "save", "restore", "index", "analyze", "verify", "app", "human", "other"]
                  },
                  "seconds": {"$ref": "#/$defs/seconds"}
                }
              }
            },
            "objectives": {
              "description": "What was promised and what was achieved; what was not promised or not measured is left out.",
              "type": "object",
              "additionalProperties": false,
              "required": ["referenceTime"],
              "properties": {
                "rtoSeconds": {"$ref": "#/$defs/seconds", "description": "Of a drill that began again on new servers, on these alone."},
                "rtoObjectiveSeconds": {"$ref": "#/$defs/seconds"},
                "rtoWithProvisioningSeconds": {"$ref": "#/$defs/seconds"},
                "rpoSeconds": {"type": "number", "description": "Reference time minus recovery point of the newest usable backup."},
                "rpoObjectiveSeconds": {"$ref": "#/$defs/seconds"},
                "restoredAgeSeconds": {"type": "number", "description": "Age of the backup that was restored."},
                "newestUsableBackup": {"type": "string"},
                "referenceTime": {"$ref": "#/$defs/time"}
              }
            },
            "backup": {
              "type": "object",
              "additionalProperties": false,
              "required": [
                "runbook", "role", "id", "policy", "target", "engine", "engineVersion", "recoveryPoint", "bytes", "artifacts",
                "manifestSHA256", "chosen"
              ],
              "properties": {
                "runbook": {"type": "string"},
                "role": {"type": "string"},
                "id": {"type": "string"},
                "policy": {"type": "string"},
                "target": {"type": "string"},
                "engine": {"type": "string"},
                "engineVersion": {"type": "string"},
                "recoveryPoint": {"$ref": "#/$defs/time"},
                "bytes": {"$ref": "#/$defs/count"},
                "artifacts": {"$ref": "#/$defs/count"},
                "manifestSHA256": {"type": "string"},
                "chosen": {"type": "string", "description": "How it was chosen."}
              }
            },
            "environment": {
              "type": "object",
              "additionalProperties": false,
              "required": ["kind", "isolation", "servers", "provisionings"],
              "properties": {
                "kind": {"type": "string", "description": "`real` for a run against configured targets."},
                "isolation": {"type": "string"},
                "servers": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["name", "engine", "version", "standIn"],
                    "properties": {
                      "name": {"type": "string"},
                      "engine": {"type": "string"},
                      "version": {"type": "string"},
                      "standIn": {"type": "boolean"},
                      "image": {"type": "string", "description": "Of a container: the image it ran, with its digest."}
                    }
                  }
                },
                "provisionings": {
                  "description": "One per generation of the environment.",
                  "type": "array",
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["offsetSeconds", "tookSeconds"],
                    "properties": {"offsetSeconds": {"$ref": "#/$defs/seconds"}, "tookSeconds": {"$ref": "#/$defs/seconds"}}
                  }
                }
              }
            },
            "part": {
              "type": "object",
              "additionalProperties": false,
              "required": ["kind", "name", "title", "bindings", "tookSeconds", "phases", "steps"],
              "properties": {
                "kind": {"enum": ["given", "runbook", "across", "always"]},
                "name": {"type": "string"},
                "title": {"type": "string"},
                "version": {"type": "integer"},
                "owner": {"type": "string"},
                "reviewed": {"type": "string"},
                "bindings": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["kind", "name", "value"],
                    "properties": {
                      "kind": {"enum": ["target", "app", "backup", "input"]},
                      "name": {"type": "string"},
                      "value": {"type": "string"}
                    }
                  }
                },
                "tookSeconds": {"$ref": "#/$defs/seconds"},
                "phases": {"$ref": "#/$defs/phaseTimes"},
                "rtoSeconds": {"$ref": "#/$defs/seconds", "description": "Of a runbook that was carried through."},
                "rtoObjectiveSeconds": {"$ref": "#/$defs/seconds", "description": "What was promised of it alone."},
                "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}}
              }
            },
            "step": {
              "type": "object",
              "additionalProperties": false,
              "required": ["path", "name", "kind", "status", "exercised", "attempts", "phases", "effects", "checks", "facts", "notes"],
              "properties": {
                "path": {"type": "string", "description": "`1.4` is the fourth step of the first runbook."},
                "id": {"type": "string"},
                "name": {"type": "string"},
                "kind": {"type": "string"},
                "status": {"$ref": "#/$defs/stepStatus"},
                "because": {"type": "string"},
                "exercised": {"type": "boolean"},
                "attempts": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["number", "offsetSeconds", "tookSeconds", "status"],
                    "properties": {
                      "number": {"type": "integer", "minimum": 1},
                      "offsetSeconds": {"$ref": "#/$defs/seconds"},
                      "tookSeconds": {"$ref": "#/$defs/seconds"},
                      "status": {"$ref": "#/$defs/stepStatus"},
                      "problem": {"type": "string"}
                    }
                  }
                },
                "phases": {"$ref": "#/$defs/phaseTimes"},
                "effects": {"type": "array", "items": {"$ref": "#/$defs/effect"}},
                "checks": {"type": "array", "items": {"$ref": "#/$defs/check"}},
                "facts": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
                "notes": {"type": "array", "items": {"type": "string"}},
                "failure": {"$ref": "#/$defs/failure"}
              }
            },
            "check": {
              "type": "object",
              "additionalProperties": false,
              "required": ["subject", "aspect", "expected", "actual", "verdict", "compared"],
              "properties": {
                "subject": {"type": "string"},
                "aspect": {"type": "string"},
                "expected": {"type": "string"},
                "actual": {"type": "string"},
                "verdict": {"enum": ["held", "differed", "undetermined"]},
                "compared": {"$ref": "#/$defs/count"},
                "tolerance": {"type": "string"}
              }
            },
            "effect": {
              "type": "object",
              "additionalProperties": false,
              "required": ["verb", "object", "amount"],
              "properties": {
                "verb": {"enum": ["create", "change", "destroy"]},
                "object": {
                  "type": "object",
                  "additionalProperties": false,
                  "required": ["target", "kind", "name"],
                  "properties": {"target": {"type": "string"}, "kind": {"type": "string"}, "name": {"type": "string"}}
                },
                "amount": {
                  "oneOf": [
                    {
                      "type": "object",
                      "additionalProperties": false,
                      "required": ["known"],
                      "properties": {
                        "known": {
                          "type": "object",
                          "additionalProperties": false,
                          "properties": {
                            "count": {"$ref": "#/$defs/count"},
                            "unit": {"type": "string"},
                            "bytes": {"$ref": "#/$defs/count"}
                          }
                        }
                      }
                    },
                    {
                      "type": "object",
                      "additionalProperties": false,
                      "required": ["unknown"],
                      "properties": {
                        "unknown": {
                          "type": "object",
                          "additionalProperties": false,
                          "required": ["because"],
                          "properties": {"because": {"type": "string"}}
                        }
                      }
                    },
                    {
                      "type": "object",
                      "additionalProperties": false,
                      "required": ["absent"],
                      "properties": {"absent": {"type": "object", "additionalProperties": false}}
                    }
                  ]
                },
                "refill": {
                  "type": "object",
                  "additionalProperties": false,
                  "required": ["backupRole", "nameInBackup"],
                  "properties": {"backupRole": {"type": "string"}, "nameInBackup": {"type": "string"}}
                }
              }
            },
            "evidence": {
              "type": "object",
              "additionalProperties": false,
              "required": ["documents", "lifeboatVersion", "host", "system", "operatorName", "tools", "journal"],
              "properties": {
                "documents": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["kind", "path", "sha256"],
                    "properties": {"kind": {"type": "string"}, "path": {"type": "string"}, "sha256": {"type": "string"}}
                  }
                },
                "lifeboatVersion": {"type": "string"},
                "host": {"type": "string"},
                "system": {"type": "string"},
                "operatorName": {"type": "string"},
                "sudoFrom": {"type": "string"},
                "reason": {"type": "string"},
                "tools": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["name", "version"],
                    "properties": {"name": {"type": "string"}, "version": {"type": "string"}}
                  }
                },
                "journal": {"type": "string"},
                "journalSHA256": {"type": "string", "description": "Of the journal up to the event before the one that ends the run."},
                "randomSeed": {"type": "integer", "minimum": 0, "maximum": 9007199254740991}
              }
            }
          }
        }

        """#
}
