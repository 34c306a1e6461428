"""The pages, one module for each area; every module here is served (see `console.app`)."""
