import{i as o}from"./chunk-CHMO2PZE.js";import{o as t}from"./chunk-MG4J2EZT.js";function e({site:r}){return t("h2",{"data-site":r,children:o("tab_golden")})}export{e as GoldenPage};
