"""Exchange of documents with other systems: edXML messages, peers, gateways and their log."""
