-- Spreads the large tables over the workers of a Citus cluster, by site. Run once on the coordinator, in
-- the empty database that stillup has made its tables in, before anything is recorded; docs/scale.md.
SELECT create_distributed_table('checks', 'site_id');
SELECT create_distributed_table('rollups_5m', 'site_id', colocate_with => 'checks');
SELECT create_distributed_table('rollups_1h', 'site_id', colocate_with => 'checks');
SELECT create_distributed_table('rollups_1d', 'site_id', colocate_with => 'checks');
SELECT create_distributed_table('changes', 'site_id', colocate_with => 'checks');
SELECT create_distributed_table('outages', 'site_id', colocate_with => 'checks');
SELECT create_distributed_table('site_states', 'site_id', colocate_with => 'checks');
