/// Functions, types, and what else can be made inside a database.
enum CodeQueries {
    static let all = [functions, types, eventTriggers, other, comments, securityLabels]

    /// A body is compared by its hash: it may be long, and people write secrets into them.
    static let functions = FactQuery(
        "function",
        """
        SELECT \(FactSQL.qualified("n.nspname", "p.proname")) || '(' || oidvectortypes(p.proargtypes) || ')' AS name,
               CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' WHEN 'w' THEN 'window function' ELSE 'function' END AS form,
               pg_get_function_arguments(p.oid) AS arguments, pg_get_function_result(p.oid) AS result, l.lanname::text AS language,
               CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END AS volatility,
               p.proisstrict AS strict, p.prosecdef AS "security definer", p.proleakproof AS leakproof, p.proretset AS "returns a set",
               CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END AS parallel,
               p.procost::text AS cost, p.prorows::text AS rows, \(FactSQL.sorted("p.proconfig")) AS settings,
               \(FactSQL.hash("p.prosrc || coalesce(' from ' || p.probin, '')")) AS "body hash",
               to_jsonb(p)->>'prosqlbody' IS NOT NULL AS "sql standard body",
               CASE WHEN to_jsonb(p)->>'prosqlbody' IS NOT NULL THEN pg_get_functiondef(p.oid) END AS "sql body",
               CASE WHEN p.prokind = 'a' THEN (
                   SELECT concat_ws(', ', a.aggkind, a.aggnumdirectargs, a.aggtransfn::regprocedure, a.aggtranstype::regtype,
                                    a.aggfinalfn::regprocedure, a.aggfinalmodify, a.aggcombinefn::regprocedure, a.aggserialfn::regprocedure,
                                    a.aggdeserialfn::regprocedure, a.aggmtransfn::regprocedure, a.aggminvtransfn::regprocedure,
                                    a.aggmfinalfn::regprocedure, a.aggsortop::regoperator, coalesce(a.agginitval, 'no start value'),
                                    coalesce(a.aggminitval, 'no start value'))
                   FROM pg_aggregate a WHERE a.aggfnoid = p.oid) END AS aggregate,
               \(FactSQL.role("p.proowner")) AS owner, \(FactSQL.grants("p.proacl", type: "f", owner: "p.proowner")) AS grants
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
        WHERE \(FactSQL.isOfUsers(schema: "n")) AND \(FactSQL.isNotOfExtension("pg_proc", "p.oid"))
              AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
        """)

    /// Without the types that tables, arrays and multiranges bring with them.
    static let types = FactQuery(
        "type",
        """
        SELECT \(FactSQL.qualified("n.nspname", "t.typname")) AS name,
               CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'c' THEN 'composite' WHEN 'r' THEN 'range' ELSE 'base' END AS form,
               (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) AS values,
               CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS "base type",
               CASE WHEN t.typtype = 'd' THEN t.typnotnull END AS "not null", t.typdefault AS "default",
               CASE WHEN t.typtype = 'd' AND t.typcollation <> (SELECT b.typcollation FROM pg_type b WHERE b.oid = t.typbasetype) THEN
                   (SELECT \(FactSQL.qualified("cn.nspname", "co.collname")) FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace
                    WHERE co.oid = t.typcollation) END AS collation,
               (SELECT concat_ws(', ', r.rngsubtype::regtype, (SELECT quote_ident(o.opcname) FROM pg_opclass o WHERE o.oid = r.rngsubopc),
                                 nullif(r.rngcollation, 0)::regcollation, nullif(r.rngcanonical::oid, 0)::regprocedure,
                                 nullif(r.rngsubdiff::oid, 0)::regprocedure, (to_jsonb(r)->>'rngmultitypid')::oid::regtype)
                FROM pg_range r WHERE r.rngtypid = t.oid) AS range,
               CASE WHEN t.typtype = 'b' THEN concat_ws(', ', t.typlen, t.typbyval, t.typalign, t.typstorage, t.typcategory, t.typdelim,
                    t.typinput::regprocedure, t.typoutput::regprocedure) END AS definition,
               \(FactSQL.role("t.typowner")) AS owner, \(FactSQL.grants("t.typacl", type: "T", owner: "t.typowner")) AS grants
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
        WHERE t.typtype IN ('b', 'c', 'd', 'e', 'r') AND t.typisdefined AND (t.typrelid = 0 OR c.relkind = 'c')
              AND NOT EXISTS (SELECT FROM pg_type element WHERE element.typarray = t.oid)
              AND \(FactSQL.isOfUsers(schema: "n")) AND \(FactSQL.isNotOfExtension("pg_type", "t.oid"))
        """)

    static let eventTriggers = FactQuery(
        "event trigger",
        """
        SELECT quote_ident(e.evtname) AS name, e.evtevent::text AS event, e.evtfoid::regprocedure::text AS function,
               CASE e.evtenabled WHEN 'O' THEN 'enabled' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'on replicas' WHEN 'A' THEN 'always' END AS enabled,
               \(FactSQL.sorted("e.evttags")) AS tags, \(FactSQL.role("e.evtowner")) AS owner
        FROM pg_event_trigger e WHERE \(FactSQL.isNotOfExtension("pg_event_trigger", "e.oid"))
        """)

    /// What is rare: that it is there, whose it is, and the heart of its definition.
    static let other = FactQuery(
        "object",
        """
        SELECT i.type AS kind, i.identity AS name, o.definition, \(FactSQL.role("o.owner")) AS owner
        FROM (SELECT 'pg_operator'::regclass, oid, oprowner,
                     concat_ws(', ', oprcode::regprocedure, nullif(oprcom, 0)::regoperator, nullif(oprnegate, 0)::regoperator, oprcanmerge, oprcanhash)
              FROM pg_operator WHERE oprcode <> 0
              UNION ALL SELECT 'pg_opclass'::regclass, oid, opcowner, concat_ws(', ', opcintype::regtype, opcdefault) FROM pg_opclass
              UNION ALL SELECT 'pg_opfamily'::regclass, oid, opfowner, NULL FROM pg_opfamily
              UNION ALL SELECT 'pg_cast'::regclass, oid, NULL, concat_ws(', ', nullif(castfunc, 0)::regprocedure, castcontext, castmethod) FROM pg_cast
              UNION ALL SELECT 'pg_collation'::regclass, oid, collowner,
                     concat_ws(', ', collprovider, collisdeterministic, collcollate,
                               coalesce(to_jsonb(k)->>'colllocale', to_jsonb(k)->>'colliculocale'), to_jsonb(k)->>'collicurules')
              FROM pg_collation k
              UNION ALL SELECT 'pg_conversion'::regclass, oid, conowner, conproc::regprocedure::text FROM pg_conversion
              UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgowner,
                     (SELECT string_agg(concat_ws(' ', m.maptokentype, m.mapseqno, m.mapdict::regdictionary), ', '
                                        ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = t.oid)
              FROM pg_ts_config t
              UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictowner, dictinitoption FROM pg_ts_dict
              UNION ALL SELECT 'pg_ts_parser'::regclass, oid, NULL, NULL FROM pg_ts_parser
              UNION ALL SELECT 'pg_ts_template'::regclass, oid, NULL, NULL FROM pg_ts_template
              UNION ALL SELECT 'pg_am'::regclass, oid, NULL, amhandler::regprocedure::text FROM pg_am
              UNION ALL SELECT 'pg_transform'::regclass, oid, NULL, NULL FROM pg_transform
              UNION ALL SELECT 'pg_language'::regclass, oid, lanowner, lanpltrusted::text FROM pg_language
             ) AS o(catalog, oid, owner, definition), LATERAL pg_identify_object(o.catalog, o.oid, 0) AS i
        WHERE o.oid >= 16384 AND coalesce(i.schema, '') !~ '^pg_temp'
              AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = o.catalog AND e.objid = o.oid AND e.deptype = 'e')
        """)

    static let comments = FactQuery(
        "comment",
        """
        SELECT i.type || ' ' || i.identity AS name, \(FactSQL.hash("d.description")) AS "text hash"
        FROM pg_description d, LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) AS i
        WHERE (d.objoid >= 16384 OR d.classoid = 'pg_namespace'::regclass AND d.objoid = 2200) AND i.identity !~ '^"?pg_temp'
              AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')
        """)

    static let securityLabels = FactQuery(
        "security label",
        """
        SELECT s.provider || ': ' || s.objtype || ' ' || s.objname AS name, \(FactSQL.hash("s.label")) AS "text hash"
        FROM pg_seclabels s WHERE s.classoid <> 'pg_authid'::regclass AND s.classoid <> 'pg_tablespace'::regclass
        """)
}
