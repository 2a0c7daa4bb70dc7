-- Applications of a project name roles and permissions of their own beside the built-in ones. Words and rules as in
-- `0001-first.sql`.

-- up
-- One name for both scopes (hexclave spec §3.12).
CREATE UNIQUE INDEX grantable_by_name ON grantable (project_id, hexclave_id) WHERE hexclave_id IS NOT NULL;
UPDATE grantable SET description = CASE hexclave_id
    WHEN '$update_team' THEN 'Update the team information'
    WHEN '$delete_team' THEN 'Delete the team'
    WHEN '$read_members' THEN 'Read and list the other members of the team'
    ELSE 'Create and manage API keys for the team' END
 WHERE built_in = 1 AND scope = 'organization'
   AND hexclave_id IN ('$update_team', '$delete_team', '$read_members', '$manage_api_keys');

-- Who leaves an organization, or whose organization ends, no longer has it selected.
CREATE INDEX user_by_selected_organization ON "user" (selected_organization_id) WHERE selected_organization_id IS NOT NULL;

-- down
DROP INDEX user_by_selected_organization;
UPDATE grantable SET description = NULL WHERE built_in = 1 AND scope = 'organization' AND kind = 'permission';
DROP INDEX grantable_by_name;
