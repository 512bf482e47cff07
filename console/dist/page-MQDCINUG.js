import{H as t,u as o}from"./chunk-IFO5BVNP.js";function e({site:r}){return t("h2",{"data-site":r,children:o("tab_golden")})}export{e as GoldenPage};
